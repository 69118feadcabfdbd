import { useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { KeywardError, read } from '../api/client';
import { to } from '../base';
import { Badge } from '../parts/Badge';
import { Menu } from '../parts/Menu';
import { History } from '../parts/History';
import { Empty, Failure, Notice, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';
import { ago } from '../rules/time';
import { type APIKey, called, states } from '../rules/keys';
import { holds } from '../session';
import { type Action, actionNames, actionsOf, KeyAction } from './actions';
import { Access } from './Access';
import { Regions } from './Regions';
import { Secrets } from './Secrets';
import { UsageOf } from './UsageOf';

/** All about one key. */
export function Key() {
  const id = useRoute().params.id ?? '';
  const key = useAnswer((signal) => read<APIKey>(`/v1/apikeys/${id}`, undefined, signal), [id]);
  const [action, setAction] = useState<Exclude<Action, 'usage'>>();
  if (!key.value) return <Page title="API key">{key.error === undefined ? <Waiting lines={6} what="Loading the key" /> : <Missing error={key.error} reload={key.reload} id={id} />}</Page>;
  const of = key.value;
  const kinds = actionsOf(of).filter((kind) => kind !== 'usage');
  return (
    <Page
      title={called(of)}
      actions={<>
        {kinds.includes('edit') && <button type="button" onClick={() => setAction('edit')}>Edit</button>}
        {kinds.includes('rotate') && <button type="button" onClick={() => setAction('rotate')}>Rotate</button>}
        {kinds.length > 0 && <Menu label={`More actions for ${called(of)}`} choices={kinds.filter((kind) => kind !== 'edit' && kind !== 'rotate').map((kind) => ({ label: actionNames[kind], grave: kind === 'delete', act: () => setAction(kind) }))} />}
      </>}
    >
      {key.error !== undefined && <Failure error={key.error} onRetry={key.reload} />}
      {of.exposure && <Notice tone="bad"><strong>This key was reported as leaked</strong> <When at={of.exposure.reportedOn} />{of.exposure.source && <> by {of.exposure.source}</>}. {of.exposure.url && <bdi>{of.exposure.url}</bdi>} Make a new one and delete this.</Notice>}
      <Summary of={of} />
      <Access of={of} />
      <Secrets of={of} onEnd={kinds.includes('rotate') ? () => setAction('endPrevious') : undefined} />
      <UsageOf id={of.id} />
      <Regions id={of.id} version={of.lastModifiedOn ?? of.createdOn} />
      {holds('ViewAuditEvents') && <Section title="Audit trail"><History key={of.lastModifiedOn} target={of.id} /></Section>}
      {action && <KeyAction kind={action} of={of} onClose={() => setAction(undefined)} onDone={() => { setAction(undefined); key.reload(); }} />}
    </Page>
  );
}

function Summary({ of: key }: { of: APIKey }) {
  return (
    <div class="card">
      <dl class="facts">
        <dt>State</dt><dd class="row">{states(key).map((state) => <Badge key={state.text} tone={state.tone}>{state.text}</Badge>)}</dd>
        {key.description && <><dt>Description</dt><dd class="name">{key.description}</dd></>}
        <dt>Key</dt><dd class="mono">{key.redactedApiKey}</dd>
        <dt>Id</dt><dd class="mono">{key.id}</dd>
        <dt>Created</dt><dd><When at={key.createdOn} asDay /> by <span class="name">{key.createdBy.username}</span></dd>
        {key.lastModifiedOn && <><dt>Last changed</dt><dd><When at={key.lastModifiedOn} /> by <span class="name">{key.lastModifiedBy.username}</span></dd></>}
        <dt>Last used</dt><dd><When at={key.lastUsedOn} none="Never" />{key.lastUsedFrom && ` from ${key.lastUsedFrom}`}</dd>
        {key.notBefore && <><dt>Valid from</dt><dd><When at={key.notBefore} /></dd></>}
        <dt>Expires</dt><dd><When at={key.expiresOn} none="Never" asDay />{key.expiresOn && <span class="soft"> ({ago(new Date(key.expiresOn))})</span>}</dd>
        <dt>Recoverable</dt><dd>{key.recoverable ? 'Yes: an encrypted copy is kept' : 'No'}</dd>
      </dl>
    </div>
  );
}

function Missing({ error, reload, id }: { error: unknown; reload: () => void; id: string }) {
  if (!(error instanceof KeywardError && error.status === 404)) return <Failure error={error} onRetry={reload} />;
  return (
    <Empty title="There is no such key">
      It may be deleted, or somebody else’s. <a href={to('keys?show=deleted')}>Look among the deleted ones</a>
      <span class="mono small">{id}</span>
    </Empty>
  );
}
