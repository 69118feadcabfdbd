// Writes src/schema.ts: what the canonical operations take and answer. It finds
// openapi-typescript where it is called, so that the console can call it too.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const from = createRequire(join(process.cwd(), 'package.json'));
const { default: generate, astToString } = from('openapi-typescript');

const document = JSON.parse(readFileSync(new URL('../../../apigw/openapi.json', import.meta.url)));

// A page is the same of every list, and the client has types of its own for what asks.
const own = /^(?!Permission).*List$|^Verified$|^IntrospectionFormInput$/;

const kept = {};
const keep = (value) => {
  for (const [, name] of JSON.stringify(value ?? null).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    if (kept[name]) continue;
    const schema = slim(document.components.schemas[name]);
    if (!own.test(name)) kept[name] = schema;
    keep(schema);
  }
};

// Some texts stay texts although the document lists their values: programs must expect
// new ones, or have them from elsewhere, such as the method of a request.
const texts = ['code', 'method', 'unlistedRoutes'];
const open = (name, { enum: values, items, ...property }) => ({
  ...property, ...(items && { items: open(undefined, items) }), ...(values && name && !texts.includes(name) && { enum: values }),
});

// What a body may contain only to be ignored is no part of its type: TypeScript lets
// an answer pass as a body all the same. Descriptions are in the reference; here they
// would be most of the package.
function slim({ properties = {}, description: _, ...schema }) {
  const useful = Object.entries(properties).filter(([, property]) => property.description !== 'Accepted, and ignored.');
  return { ...schema, properties: Object.fromEntries(useful.map(([name, { format, description, default: _, ...property }]) => [name, open(name, property)])) };
}

for (const [path, item] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    if (!operation.tags?.includes('canonical') || /github|gitlab/.test(path)) continue;
    keep(operation.requestBody);
    for (const [status, answer] of Object.entries(operation.responses)) if (status < '300') keep(answer);
    const query = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
    if (method !== 'get' || query.length === 0) continue;
    // The query of an operation is a type under the operation's name.
    kept[operation.operationId] = slim({ type: 'object', properties: Object.fromEntries(query.map(({ name, schema }) => [name, schema])) });
  }
}
keep({ $ref: '#/components/schemas/Problem' });

const text = astToString(await generate({ ...document, paths: {}, components: { schemas: kept } }, { defaultNonNullable: false }));
const schemas = /^export interface components \{\n {4}schemas: \{\n(.*?)\n {4}\};/ms.exec(text)[1];
const short = schemas
  .replace(/ *\/\*\*(?:[^*]|\*(?!\/))*\*\/\n/g, '')
  .replace(/^ +/gm, (space) => ' '.repeat(space.length / 4 - 1))
  .replace(/\{\s*\[key: string\]: string;\s*\}/g, 'Record<string, string>')
  .replace(/components\["schemas"\]\["(\w+)"\]/g, 'Schemas["$1"]');
writeFileSync(new URL('../src/schema.ts', import.meta.url), '// Written by scripts/types.mjs, from the OpenAPI document.\n'
  + `/** What the API takes and answers; the queries of operations under their names. */\nexport interface Schemas {\n${short}\n}\n`);
