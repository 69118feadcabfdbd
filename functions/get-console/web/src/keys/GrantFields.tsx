import { Field } from '../parts/Field';
import { Notice } from '../parts/Notice';
import { PermissionPicker } from '../parts/PermissionPicker';
import { restHint } from '../parts/Rest';
import { managesKeys, me } from '../session';
import type { Draft, Grant } from './draft';
import type { Options } from './options';

export interface FieldsProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  options: Options;
  fault: (field: string) => string;
}

interface Props extends FieldsProps {
  /** The kinds of grant to choose from. */
  kinds: Grant[];
}

const names: Record<Grant, [name: string, hint: string]> = {
  permissions: ['Permissions', 'Exactly what you choose here'],
  policy: ['A policy', 'What the policy grants, now and after each change of it'],
  personal: ['A user', 'What the user may do, now and after each change of it'],
};

/** What a key may do. */
export function GrantFields({ draft, set, options, fault, kinds }: Props) {
  const policy = options.policies?.items.find((one) => one.id === draft.policy);
  return (
    <>
      {kinds.length > 1 && (
        <fieldset class="field">
          <legend>What it may do comes from</legend>
          <div class="choices">
            {kinds.map((kind) => (
              <label key={kind} class="choice">
                <input type="radio" name="grant" checked={draft.grant === kind} onChange={() => set({ grant: kind })} />
                <span>{names[kind][0]} <span class="small soft">{names[kind][1]}</span></span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {draft.grant === 'permissions' && (
        <PermissionPicker label="Permissions" chosen={draft.permissions} onChange={(permissions) => set({ permissions })} fault={fault('permissions')}
          catalogue={options.catalogue ?? (me.value?.permissions ?? []).map((name) => ({ name, description: '' }))} />
      )}
      {draft.grant === 'policy' && (
        <>
          <Field label="Policy" hint={options.policies && restHint(options.policies)} fault={fault('policyId')}>
            <select value={draft.policy} required onChange={(event) => set({ policy: event.currentTarget.value })}>
              <option value="">Choose a policy</option>
              {options.policies?.items.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
            </select>
          </Field>
          {policy && <Notice><p class="small soft">It grants:</p><p>{policy.permissions.map((name) => <><code key={name}>{name}</code> </>)}</p></Notice>}
        </>
      )}
      {draft.grant === 'personal' && managesKeys() && options.users && (
        <Field label="User" hint={`The key acts as this user, and ends with the user.${restHint(options.users)}`} fault={fault('onBehalfOf')}>
          <select value={draft.user} onChange={(event) => set({ user: event.currentTarget.value })}>
            {me.value?.user ? <option value="">{me.value.user.email} (you)</option> : <option value="">Choose a user</option>}
            {options.users.items.filter((user) => user.id !== me.value?.user?.id).map((user) => <option key={user.id} value={user.id}>{user.email}</option>)}
          </select>
        </Field>
      )}
      {draft.grant === 'personal' && !options.users && <p class="soft">It acts as you{me.value?.user ? `, ${me.value.user.email}` : ''}.</p>}
    </>
  );
}
