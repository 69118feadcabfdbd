// What the API takes and answers, as the TypeScript client has it.
export type { Schemas } from '../../../../../shared/client/typescript/src/schema.js';
export type { Page } from '../../../../../shared/client/typescript/src/collections.js';
