import { useRef, useState } from 'preact/hooks';
import { send } from '../api/client';
import { Dialog } from '../parts/Dialog';
import { Field } from '../parts/Field';
import { Failure, Notice } from '../parts/Notice';
import { useSubmit } from '../parts/useSubmit';
import { type APIKey, called, overlap } from '../rules/keys';
import type { ActionProps } from './actions';
import { issue } from './Issued';

const overlaps = { 0: 'None: it ends at once', 900: '15 minutes', 3600: '1 hour', 86400: '24 hours', 604800: '7 days' };

/** The dialog that gives a key a new secret. */
export function Rotate({ of, onClose, onDone }: ActionProps) {
  const [seconds, setSeconds] = useState('86400');
  const [from, setFrom] = useState<'now' | 'firstUse'>('now');
  const submission = useSubmit();
  const attempt = useRef({ text: '', key: '' });
  const rotate = (event: Event): void => {
    event.preventDefault();
    void submission.run(async () => {
      const body = { overlapSeconds: Number(seconds), ...(seconds !== '0' && { overlapFrom: from }) };
      const text = JSON.stringify(body);
      // A request whose answer was lost is repeated, and rotates once.
      if (attempt.current.text !== text) attempt.current = { text, key: crypto.randomUUID() };
      const made = await send<APIKey>('POST', `/v1/apikeys/${of.id}/rotate`, { body, idempotencyKey: attempt.current.key });
      issue({ title: 'The new secret', name: called(of), text: made.value.apiKey ?? '' });
      onDone();
    });
  };
  return (
    <Dialog title={`Rotate ${called(of)}`} onClose={onClose}>
      <form class="stack" onSubmit={rotate}>
        <p>The key gets a new secret, and keeps its id, grant and limits.</p>
        {overlap(of) && <Notice tone="warn"><strong>A previous secret still works.</strong> It ends now; the current one takes its place.</Notice>}
        <Field label="For how long the present secret goes on working">
          <select value={seconds} onChange={(event) => setSeconds(event.currentTarget.value)}>
            {Object.entries(overlaps).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </select>
        </Field>
        {seconds !== '0' && (
          <fieldset class="field">
            <legend>Counted from</legend>
            <div class="choices">
              <label class="choice"><input type="radio" name="from" checked={from === 'now'} onChange={() => setFrom('now')} /><span>Now</span></label>
              <label class="choice"><input type="radio" name="from" checked={from === 'firstUse'} onChange={() => setFrom('firstUse')} /><span>The first use of the new secret <span class="small soft">Until then both work, for at most 30 days.</span></span></label>
            </div>
          </fieldset>
        )}
        {submission.error !== undefined && <Failure error={submission.error} />}
        <div class="actions">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="primary" disabled={submission.busy}>{submission.busy ? 'Rotating…' : 'Rotate'}</button>
        </div>
      </form>
    </Dialog>
  );
}
