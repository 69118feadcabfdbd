import { useState } from 'preact/hooks';
import { type Answer, send } from '../api/client';
import type { Schemas } from '../api/schema';
import { Field } from '../parts/Field';
import { History } from '../parts/History';
import { Failure, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { onTop, Refused } from '../parts/Refused';
import { say } from '../parts/said';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import { useSubmit } from '../parts/useSubmit';
import { span } from '../rules/time';
import { holds, me } from '../session';
import { Peppers } from './Peppers';

type Org = Schemas['Organization'];

/** The organization's settings and quota. */
export function Organization() {
  const found = useAnswer((signal) => send<Org>('GET', '/v1/organization', { signal }), []);
  const [editing, setEditing] = useState(false);
  const of = found.value?.value;
  if (!of || !found.value) return <Page title="Organization">{found.error === undefined ? <Waiting lines={5} /> : <Failure error={found.error} onRetry={found.reload} />}</Page>;
  const owner = me.value?.user?.role === 'OWNER';
  const full = of.keyCount / of.maxKeys;
  return (
    <Page title={of.name} actions={owner && !editing && <button type="button" onClick={() => setEditing(true)}>Edit</button>}>
      {found.error !== undefined && <Failure error={found.error} onRetry={found.reload} />}
      <div class="card tight">
        <div class="spread"><h2>Keys</h2><span>{of.keyCount.toLocaleString('en')} of {of.maxKeys.toLocaleString('en')}</span></div>
        <meter min={0} max={of.maxKeys} high={of.maxKeys * 0.9} value={of.keyCount} aria-label="Keys of the quota" />
        {full >= 0.9 && <p class="small">The quota is almost used. Delete keys that nobody uses, or ask an owner for more.</p>}
      </div>
      {editing ? <Form now={found.value} onDone={() => { setEditing(false); found.reload(); }} /> : <Settings of={of} />}
      {!owner && <p class="soft small">An owner can change these.</p>}
      {holds('ViewAuditEvents') && <Peppers />}
      {holds('ViewAuditEvents') && <Section title="Audit trail"><History key={JSON.stringify(of)} target={of.id} only="organization." /></Section>}
    </Page>
  );
}

const keeps = (seconds: number): string => (seconds === 0 ? 'Not at all: a deletion is final' : `For ${span(seconds)}`);
const lives = (seconds: number): string => (seconds === 0 ? 'As long as its maker chooses' : `At most ${span(seconds)}`);

function Settings({ of }: { of: Org }) {
  return (
    <div class="card">
      <dl class="facts">
        <dt>Id</dt><dd class="mono">{of.id}</dd>
        <dt>New keys begin with</dt><dd class="mono">{of.keyPrefix}_</dd>
        <dt>A key lives</dt><dd>{lives(of.maxKeyLifetimeSeconds)}</dd>
        <dt>Users make personal keys</dt><dd>{of.selfService ? 'Yes, by themselves' : 'No: somebody who manages keys does'}</dd>
        <dt>Recoverable keys</dt><dd>{of.recoverable ? 'Can be created' : 'Cannot be created'}</dd>
        <dt>Deleted keys are kept</dt><dd>{keeps(of.retentionSeconds)}</dd>
        <dt>A leaked key is</dt><dd>{of.onExposure === 'disable' ? 'Disabled' : 'Only marked'}</dd>
        <dt>A key is stale</dt><dd>{of.staleAfterDays === 0 ? 'Never' : `After ${of.staleAfterDays} days without use`}</dd>
      </dl>
    </div>
  );
}

const daySeconds = 86_400;

function Form({ now, onDone }: { now: Answer<Org>; onDone: () => void }) {
  const [base, setBase] = useState(now);
  const [draft, setDraft] = useState(now.value);
  const set = (change: Partial<Org>): void => setDraft((before) => ({ ...before, ...change }));
  const submission = useSubmit();
  const save = (event: Event): void => {
    event.preventDefault();
    void submission.run(async () => {
      const changed = Object.entries(draft).filter(([name, value]) => value !== base.value[name as keyof Org]);
      await send('PATCH', '/v1/organization', { body: Object.fromEntries(changed), ifMatch: base.etag });
      say('The settings are changed');
      onDone();
    });
  };
  const reread = (keep: boolean): void => void submission.run(async () => {
    const theirs = await send<Org>('GET', '/v1/organization');
    setDraft(keep ? onTop(theirs.value, base.value, draft) : theirs.value);
    setBase(theirs);
  });
  const number = (label: string, name: 'maxKeys' | 'staleAfterDays', hint?: string) => (
    <Field label={label} hint={hint} fault={submission.fault(name)}><input type="number" min={name === 'maxKeys' ? 1 : 0} required value={draft[name]} onInput={(event) => set({ [name]: event.currentTarget.valueAsNumber })} /></Field>
  );
  const days = (label: string, name: 'retentionSeconds' | 'maxKeyLifetimeSeconds', hint: string) => (
    <Field label={label} hint={hint} fault={submission.fault(name)}><input type="number" min={0} step="any" required value={draft[name] / daySeconds} onInput={(event) => set({ [name]: Math.round(event.currentTarget.valueAsNumber * daySeconds) })} /></Field>
  );
  return (
    <form class="card stack" onSubmit={save} aria-label="Settings">
      <Field label="Name" fault={submission.fault('name')}><input required value={draft.name} onInput={(event) => set({ name: event.currentTarget.value })} /></Field>
      <Field label="New keys begin with" hint="2 to 16 characters of a-z and 0-9. Keys that exist keep theirs." fault={submission.fault('keyPrefix')}><input required class="mono" value={draft.keyPrefix} onInput={(event) => set({ keyPrefix: event.currentTarget.value })} /></Field>
      {number('Most keys', 'maxKeys')}
      {days('Days that a key lives at most', 'maxKeyLifetimeSeconds', '0: as long as its maker chooses')}
      {days('Days that deleted keys are kept', 'retentionSeconds', '0: a deletion is final')}
      {number('Days without use after which a key is stale', 'staleAfterDays', '0: never')}
      <Field label="A key that is reported as leaked is" fault={submission.fault('onExposure')}><select value={draft.onExposure} onChange={(event) => set({ onExposure: event.currentTarget.value as Org['onExposure'] })}><option value="disable">Disabled</option><option value="report">Only marked</option></select></Field>
      <label class="choice"><input type="checkbox" checked={draft.selfService} onChange={(event) => set({ selfService: event.currentTarget.checked })} /><span>Users make personal keys by themselves</span></label>
      <label class="choice"><input type="checkbox" checked={draft.recoverable} onChange={(event) => set({ recoverable: event.currentTarget.checked })} /><span>Recoverable keys can be created</span></label>
      <Refused error={submission.error} what="the settings" reread={reread} />
      <div class="actions"><button type="button" onClick={onDone}>Cancel</button><button type="submit" class="primary" disabled={submission.busy}>{submission.busy ? 'Saving…' : 'Save'}</button></div>
    </form>
  );
}
