import type { Schemas } from '../api/schema';

export type Role = Schemas['User']['role'];

/** The roles, the strongest first, and what each is for. */
export const roles: Record<Role, string> = {
  OWNER: 'Everything, and the organization itself',
  ADMIN: 'All of Keyward’s permissions',
  MANAGER: 'Manages keys',
  MEMBER: 'Personal keys of its own',
};
