import { useState } from 'preact/hooks';
import { type Answer, send } from '../api/client';
import { Dialog } from '../parts/Dialog';
import { fitsNames, NameFields } from '../parts/NameFields';
import { Failure, Waiting } from '../parts/Notice';
import { onTop, Refused } from '../parts/Refused';
import { say } from '../parts/said';
import { useAnswer } from '../parts/useAnswer';
import { useSubmit } from '../parts/useSubmit';
import { addressFaults } from '../rules/addresses';
import { type APIKey, called } from '../rules/keys';
import { managesKeys } from '../session';
import type { ActionProps } from './actions';
import { change, type Draft, draftOf, type Grant } from './draft';
import { GrantFields } from './GrantFields';
import { LimitFields } from './LimitFields';
import { type Options, readOptions } from './options';

/** The dialog that changes a key. It starts from the key as it is now, and says so
 * if somebody else changes it meanwhile. */
export function Edit({ of, onClose, onDone }: ActionProps) {
  const start = useAnswer(async (signal) => {
    const [now, options] = await Promise.all([send<APIKey>('GET', `/v1/apikeys/${of.id}`, { signal }), readOptions(signal)]);
    return { now, options };
  }, [of.id]);
  // The form keeps what it began with: reading again must not undo what was typed.
  const [first, setFirst] = useState<{ now: Answer<APIKey>; options: Options }>();
  if (start.value && !first) setFirst(start.value);
  return (
    <Dialog title={`Edit ${called(of)}`} form onClose={onClose}>
      {start.error !== undefined && !first && <Failure error={start.error} onRetry={start.reload} />}
      {first ? <Form {...first} onClose={onClose} onDone={onDone} /> : start.loading && <Waiting lines={5} what="Loading the key" />}
    </Dialog>
  );
}

interface FormProps {
  now: Answer<APIKey>;
  options: Options;
  onClose: () => void;
  onDone: () => void;
}

function Form({ now, options, onClose, onDone }: FormProps) {
  const [base, setBase] = useState(now);
  const [draft, setDraft] = useState(draftOf(now.value));
  const submission = useSubmit();
  const set = (some: Partial<Draft>): void => setDraft((before) => ({ ...before, ...some }));
  const before = draftOf(base.value);
  const body = change(before, draft);
  const save = (event: Event): void => {
    event.preventDefault();
    void submission.run(async () => {
      await send('PATCH', `/v1/apikeys/${base.value.id}`, { body, ifMatch: base.etag });
      say('The key is changed');
      onDone();
    });
  };
  const reread = (keep: boolean): void => void submission.run(async () => {
    const theirs = await send<APIKey>('GET', `/v1/apikeys/${base.value.id}`);
    setDraft(keep ? onTop(draftOf(theirs.value), before, draft) : draftOf(theirs.value));
    setBase(theirs);
  });
  const personal = base.value.type === 'personal';
  const kinds: Grant[] = personal ? ['personal', ...(managesKeys() ? ['permissions' as const] : [])] : ['permissions', 'policy'];
  const ready = Object.keys(body).length > 0 && fitsNames(draft.name, draft.description) && addressFaults(draft.addresses).length === 0;
  return (
    <form class="stack" onSubmit={save}>
      <NameFields name={draft.name} description={draft.description} set={set} fault={submission.fault} />
      <GrantFields draft={draft} set={set} options={personal ? { ...options, users: undefined } : options} fault={submission.fault} kinds={kinds} />
      <LimitFields draft={draft} set={set} options={options} fault={submission.fault} kept={{ until: base.value.expiresOn }} />
      <Refused error={submission.error} what="this key" reread={reread} />
      <div class="actions">
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" class="primary" disabled={submission.busy || !ready}>{submission.busy ? 'Saving…' : 'Save'}</button>
      </div>
    </form>
  );
}
