import type { ComponentType } from 'preact';
import type { APIKey } from '../rules/keys';
import { manages } from '../rules/rights';
import { holds, managesKeys } from '../session';
import { EndPrevious, Remove, Restore, Reveal, Switch } from './Confirm';
import { Edit } from './Edit';
import { Rotate } from './Rotate';

export type Action = 'edit' | 'rotate' | 'endPrevious' | 'disable' | 'enable' | 'delete' | 'restore' | 'reveal' | 'usage';

export const actionNames: Record<Action, string> = {
  edit: 'Edit', rotate: 'Rotate', endPrevious: 'End the previous secret', disable: 'Disable', enable: 'Enable', delete: 'Delete',
  restore: 'Restore', reveal: 'Reveal', usage: 'Usage',
};

/** Returns what the caller can do with a key. The API decides; this leaves out
 * what it would refuse anyway. */
export function actionsOf(key: APIKey): Action[] {
  if (key.deletedOn) return managesKeys() ? ['restore'] : [];
  if (!manages(key)) return [];
  return [
    'edit', 'rotate', ...(key.recoverable && holds('RevealApiKeys') ? ['reveal' as const] : []), 'usage',
    key.enabled === false ? 'enable' : 'disable', 'delete',
  ];
}

export interface ActionProps {
  of: APIKey;
  onClose: () => void;
  /** The key is another now. */
  onDone: () => void;
}

const dialogs: Record<Exclude<Action, 'usage'>, ComponentType<ActionProps>> = {
  edit: Edit, rotate: Rotate, endPrevious: EndPrevious, disable: Switch, enable: Switch, delete: Remove, restore: Restore, reveal: Reveal,
};

/** The dialog of an action. */
export function KeyAction({ kind, ...props }: ActionProps & { kind: Exclude<Action, 'usage'> }) {
  const Dialog = dialogs[kind];
  return <Dialog {...props} />;
}
