// Writes assets/schema: what `--json` prints, and what a training recipe holds, as JSON Schema. From the build: npm run build && node scripts/write-schemas.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import { jsonSchemas, recipeJsonSchema } from "../dist/src/index.js";

const folder = new URL("../assets/schema/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries({ ...jsonSchemas(), "spinec/recipe/1": recipeJsonSchema() })) {
  const [, result, version] = name.split("/");
  writeFileSync(new URL(`${result}-${version}.json`, folder), `${JSON.stringify(schema, null, 2)}\n`);
}
