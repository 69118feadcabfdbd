import { useState } from 'preact/hooks';
import { type Answer, read, readAll, send, type Whole } from '../api/client';
import type { Schemas } from '../api/schema';
import { allowed } from '../keys/options';
import { Dialog } from '../parts/Dialog';
import { Field } from '../parts/Field';
import { Failure, Notice, Waiting } from '../parts/Notice';
import { PermissionPicker } from '../parts/PermissionPicker';
import { onTop, Refused } from '../parts/Refused';
import { restHint } from '../parts/Rest';
import { say } from '../parts/said';
import { useAnswer } from '../parts/useAnswer';
import { useSubmit } from '../parts/useSubmit';
import { type Role, roles } from '../rules/role';

export type User = Schemas['User'];

interface Start {
  catalogue: Schemas['PermissionList'];
  policies: Whole<Schemas['Policy']> | undefined;
  now: Answer<User> | undefined;
}

/** The dialog that creates a user, or changes one. */
export function UserForm({ id, onClose, onDone }: { id?: string; onClose: () => void; onDone: (user: User) => void }) {
  const start = useAnswer<Start>(async (signal) => {
    const [catalogue, policies, now] = await Promise.all([
      read<Start['catalogue']>('/v1/permissions', undefined, signal),
      allowed(readAll<Schemas['Policy']>('/v1/policies', signal)),
      id ? send<User>('GET', `/v1/users/${id}`, { signal }) : undefined,
    ]);
    return { catalogue, policies, now };
  }, [id]);
  const [first, setFirst] = useState<Start>();
  if (start.value && !first) setFirst(start.value);
  return (
    <Dialog title={id ? 'Edit user' : 'New user'} form onClose={onClose}>
      {start.error !== undefined && !first && <Failure error={start.error} onRetry={start.reload} />}
      {first ? <Form {...first} onClose={onClose} onDone={onDone} /> : start.loading && <Waiting lines={5} what="Loading what you can choose" />}
    </Dialog>
  );
}

const draftOf = (user: User | undefined) => ({
  email: user?.email ?? '', name: user?.name ?? '', role: user?.role ?? ('MEMBER' as Role), permissions: user?.permissions ?? [], policyId: user?.policyId ?? '',
});

function Form({ catalogue, policies, now, onClose, onDone }: Start & { onClose: () => void; onDone: (user: User) => void }) {
  const [base, setBase] = useState(now);
  const [draft, setDraft] = useState(draftOf(now?.value));
  const set = (change: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...change }));
  const submission = useSubmit();
  const save = (event: Event): void => {
    event.preventDefault();
    void submission.run(async () => {
      const { policyId, ...rest } = draft;
      const saved = base
        ? await send<User>('PATCH', `/v1/users/${base.value.id}`, { body: { ...rest, ...(policyId !== (base.value.policyId ?? '') && { policyId: policyId || null }) }, ifMatch: base.etag })
        : await send<User>('POST', '/v1/users', { body: { ...rest, ...(policyId && { policyId }) } });
      say(base ? 'The user is changed' : 'The user is created');
      onDone(saved.value);
    });
  };
  const reread = (keep: boolean): void => void submission.run(async () => {
    if (!base) return;
    const theirs = await send<User>('GET', `/v1/users/${base.value.id}`);
    setDraft(keep ? onTop(draftOf(theirs.value), draftOf(base.value), draft) : draftOf(theirs.value));
    setBase(theirs);
  });
  return (
    <form class="stack" onSubmit={save}>
      <Field label="E-mail address" hint="It decides who signs in as this user." fault={submission.fault('email')}><input type="email" required autocomplete="off" value={draft.email} onInput={(event) => set({ email: event.currentTarget.value })} /></Field>
      <Field label="Name" fault={submission.fault('name')}><input required autocomplete="off" dir="auto" value={draft.name} onInput={(event) => set({ name: event.currentTarget.value })} /></Field>
      <Field label="Role" hint={roles[draft.role]} fault={submission.fault('role')}>
        <select value={draft.role} onChange={(event) => set({ role: event.currentTarget.value as Role })}>{Object.keys(roles).map((role) => <option key={role} value={role}>{role.charAt(0) + role.slice(1).toLowerCase()}</option>)}</select>
      </Field>
      {base && base.value.role !== 'OWNER' && draft.role === 'OWNER' && <Notice tone="warn"><strong>An owner’s personal keys are disabled</strong> when one becomes owner, because others may have seen them.</Notice>}
      {(policies?.items.length || draft.policyId) && (
        <Field label="Policy (optional)" hint={`Its permissions come on top of the role’s.${policies ? restHint(policies) : ''}`} fault={submission.fault('policyId')}>
          <select value={draft.policyId} onChange={(event) => set({ policyId: event.currentTarget.value })}>
            <option value="">None</option>{policies?.items.map((policy) => <option key={policy.id} value={policy.id}>{policy.name}</option>)}
          </select>
        </Field>
      )}
      <PermissionPicker label="More permissions (optional)" catalogue={catalogue.items} chosen={draft.permissions} onChange={(permissions) => set({ permissions })} fault={submission.fault('permissions')} />
      <Refused error={submission.error} what="this user" reread={reread} />
      <div class="actions">
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" class="primary" disabled={submission.busy}>{submission.busy ? 'Saving…' : base ? 'Save' : 'Create user'}</button>
      </div>
    </form>
  );
}
