import { useRef, useState } from 'preact/hooks';
import { send } from '../api/client';
import { Dialog } from '../parts/Dialog';
import { fitsNames, NameFields } from '../parts/NameFields';
import { Failure, Waiting } from '../parts/Notice';
import { useAnswer } from '../parts/useAnswer';
import { useSubmit } from '../parts/useSubmit';
import { addressFaults } from '../rules/addresses';
import type { APIKey } from '../rules/keys';
import { managesKeys } from '../session';
import { creation, type Draft, emptyDraft, type Grant } from './draft';
import { GrantFields } from './GrantFields';
import { issue } from './Issued';
import { LimitFields } from './LimitFields';
import { type Options, readOptions } from './options';

/** The dialog that creates a key. */
export function NewKey({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const kinds: Grant[] = managesKeys() ? ['permissions', 'policy', 'personal'] : ['personal'];
  const [draft, setDraft] = useState(emptyDraft(kinds[0] ?? 'personal'));
  const options = useAnswer(readOptions, []);
  return (
    <Dialog title="New API key" form onClose={onClose}>
      {options.error !== undefined && <Failure error={options.error} onRetry={options.reload} />}
      {options.value
        ? <Form draft={draft} set={(change) => setDraft((before) => ({ ...before, ...change }))} options={options.value} kinds={kinds} onClose={onClose} onDone={onDone} />
        : options.loading && <Waiting lines={5} what="Loading what you can choose" />}
    </Dialog>
  );
}

interface FormProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  options: Options;
  kinds: Grant[];
  onClose: () => void;
  onDone: () => void;
}

function Form({ draft, set, options, kinds, onClose, onDone }: FormProps) {
  const submission = useSubmit();
  const { fault } = submission;
  // The same body under the same key makes one key only, however often it is sent.
  const attempt = useRef({ body: '', key: '' });
  const submit = (event: Event): void => {
    event.preventDefault();
    void submission.run(async () => {
      const body = creation(draft);
      const text = JSON.stringify({ ...draft });
      if (attempt.current.body !== text) attempt.current = { body: text, key: crypto.randomUUID() };
      const made = await send<APIKey>('POST', '/v1/apikeys', { body: stable(attempt.current, body), idempotencyKey: attempt.current.key });
      issue({ title: 'Your new API key', name: made.value.name, text: made.value.apiKey ?? '' });
      onDone();
    });
  };
  const ready = fitsNames(draft.name, draft.description) && addressFaults(draft.addresses).length === 0;
  return (
    <form class="stack" onSubmit={submit}>
      <NameFields name={draft.name} description={draft.description} set={set} fault={fault} />
      <GrantFields draft={draft} set={set} options={options} fault={fault} kinds={kinds} />
      <LimitFields draft={draft} set={set} options={options} fault={fault} />
      {(options.organization?.recoverable ?? true) && (
        <label class="choice">
          <input type="checkbox" checked={draft.recoverable} onChange={(event) => set({ recoverable: event.currentTarget.checked })} />
          <span>Recoverable <span class="small soft">Keyward keeps an encrypted copy, so that it can be shown again. Each time is recorded.</span></span>
        </label>
      )}
      {submission.error !== undefined && <Failure error={submission.error} />}
      <div class="actions">
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" class="primary" disabled={submission.busy || !ready}>{submission.busy ? 'Creating…' : 'Create key'}</button>
      </div>
    </form>
  );
}

interface Attempt {
  body: string;
  key: string;
  sent?: unknown;
}

/** Returns the body as it was first sent: an expiry that is counted from now would
 * otherwise be another one each time. */
function stable(attempt: Attempt, body: unknown): unknown {
  attempt.sent ??= body;
  return attempt.sent;
}
