import { useState } from 'preact/hooks';
import { type Answer, read, send } from '../api/client';
import type { Schemas } from '../api/schema';
import { Dialog } from '../parts/Dialog';
import { fitsNames, NameFields } from '../parts/NameFields';
import { Failure, Notice, Waiting } from '../parts/Notice';
import { PermissionPicker } from '../parts/PermissionPicker';
import { onTop, Refused } from '../parts/Refused';
import { say } from '../parts/said';
import { useAnswer } from '../parts/useAnswer';
import { useSubmit } from '../parts/useSubmit';
import { Radius } from './Radius';

export type Policy = Schemas['Policy'];
type Catalogue = Schemas['PermissionList'];

/** The dialog that creates a policy, or changes one. */
export function PolicyForm({ id, onClose, onDone }: { id?: string; onClose: () => void; onDone: (policy: Policy) => void }) {
  const start = useAnswer(async (signal) => {
    const [catalogue, now] = await Promise.all([
      read<Catalogue>('/v1/permissions', undefined, signal), id ? send<Policy>('GET', `/v1/policies/${id}`, { signal }) : undefined,
    ]);
    return { catalogue, now };
  }, [id]);
  const [first, setFirst] = useState<typeof start.value>();
  if (start.value && !first) setFirst(start.value);
  return (
    <Dialog title={id ? 'Edit policy' : 'New policy'} form onClose={onClose}>
      {start.error !== undefined && !first && <Failure error={start.error} onRetry={start.reload} />}
      {first ? <Form {...first} onClose={onClose} onDone={onDone} /> : start.loading && <Waiting lines={5} what="Loading what you can choose" />}
    </Dialog>
  );
}

interface FormProps {
  catalogue: Catalogue;
  now: Answer<Policy> | undefined;
  onClose: () => void;
  onDone: (policy: Policy) => void;
}

const draftOf = (policy: Policy | undefined) => ({ name: policy?.name ?? '', description: policy?.description ?? '', permissions: policy?.permissions ?? [] });

function Form({ catalogue, now, onClose, onDone }: FormProps) {
  const [base, setBase] = useState(now);
  const [draft, setDraft] = useState(draftOf(now?.value));
  const submission = useSubmit();
  const lost = base?.value.permissions.filter((name) => !draft.permissions.includes(name)) ?? [];
  const added = draft.permissions.filter((name) => !base?.value.permissions.includes(name));
  const one = base?.value.keyCount === 1;
  const save = (event: Event): void => {
    event.preventDefault();
    void submission.run(async () => {
      const body = { ...draft, name: draft.name.trim() };
      const saved = base
        ? await send<Policy>('PATCH', `/v1/policies/${base.value.id}`, { body, ifMatch: base.etag })
        : await send<Policy>('POST', '/v1/policies', { body });
      say(base ? 'The policy is changed' : 'The policy is created');
      onDone(saved.value);
    });
  };
  const reread = (keep: boolean): void => void submission.run(async () => {
    if (!base) return;
    const theirs = await send<Policy>('GET', `/v1/policies/${base.value.id}`);
    setDraft(keep ? onTop(draftOf(theirs.value), draftOf(base.value), draft) : draftOf(theirs.value));
    setBase(theirs);
  });
  return (
    <form class="stack" onSubmit={save}>
      <NameFields name={draft.name} description={draft.description} set={(change) => setDraft((before) => ({ ...before, ...change }))} fault={submission.fault} />
      <PermissionPicker label="Permissions" catalogue={catalogue.items} chosen={draft.permissions} onChange={(permissions) => setDraft((before) => ({ ...before, permissions }))} fault={submission.fault('permissions')} />
      {base && base.value.keyCount > 0 && (lost.length > 0 || added.length > 0) && (
        <Notice tone="warn">
          <strong>{one ? 'One key changes' : `${base.value.keyCount} keys change`} with it</strong>, within seconds.
          {lost.length > 0 && <> {one ? 'It loses' : 'They lose'} {list(lost)}.</>}{added.length > 0 && <> {one ? 'It gets' : 'They get'} {list(added)}.</>}
          <Radius policy={base.value.id} plain />
        </Notice>
      )}
      <Refused error={submission.error} what="this policy" reread={reread} />
      <div class="actions">
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" class="primary" disabled={submission.busy || draft.permissions.length === 0 || !fitsNames(draft.name, draft.description)}>{submission.busy ? 'Saving…' : base ? 'Save' : 'Create policy'}</button>
      </div>
    </form>
  );
}

const list = (names: string[]) => names.map((name, i) => <>{i > 0 && ', '}<code key={name}>{name}</code></>);
