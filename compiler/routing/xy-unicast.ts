import { xyLinks } from "../placement/mesh-metrics.ts";
import { meshExtent } from "../placement/sites.ts";
import { RoutingBuilder } from "./routing-builder.ts";
import type { FlowRouter } from "./routing.ts";

export const xyUnicast: FlowRouter = {
  name: "xy-unicast",
  summary: "a packet to each core, along the row and then along the column",

  route({ flows, source, sinkStart, sink }, sites, siteOf) {
    const { columns } = meshExtent(sites);
    const builder = new RoutingBuilder();
    for (let f = 0; f < flows; f++) {
      for (let s = sinkStart[f]; s < sinkStart[f + 1]; s++) {
        for (const link of xyLinks(sites, siteOf[source[f]], siteOf[sink[s]], columns)) builder.addLink(link);
        builder.addCore(sink[s]);
        builder.endPacket();
      }
      builder.endFlow();
    }
    return builder.finish();
  },
};
