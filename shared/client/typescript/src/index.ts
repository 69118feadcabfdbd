export type { APIKey, ChangeOptions, Collection, Issued, IssueOptions, List, Page, Policies, Resource, Services, Users } from './collections.js';
export { type FieldFault, KeywardError, type Problem } from './error.js';
export { type Keys, Keyward, type Question, type Questions } from './keyward.js';
export type { Schemas } from './schema.js';
export { Secret } from './secret.js';
export type { CallOptions, Settings } from './transport.js';
