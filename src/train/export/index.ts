export { trainedModelToNetwork, type ExportedNetwork, type ExportOptions } from "./trained-network.ts";
