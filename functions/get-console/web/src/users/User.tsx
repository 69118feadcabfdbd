import { useLocation, useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { read, send } from '../api/client';
import type { Page as ListPage, Schemas } from '../api/schema';
import { to } from '../base';
import { Badge } from '../parts/Badge';
import { Confirm } from '../parts/Confirm';
import { History } from '../parts/History';
import { Failure, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { say } from '../parts/said';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';
import { called, states } from '../rules/keys';
import { roles } from '../rules/role';
import { holds, managesKeys } from '../session';
import { type User as UserType, UserForm } from './form';

/** All about one user. */
export function User() {
  const id = useRoute().params.id ?? '';
  const { route } = useLocation();
  const user = useAnswer((signal) => read<UserType>(`/v1/users/${id}`, undefined, signal), [id]);
  const [doing, setDoing] = useState<'edit' | 'delete'>();
  const of = user.value;
  if (!of) return <Page title="User">{user.error === undefined ? <Waiting lines={5} /> : <Failure error={user.error} onRetry={user.reload} />}</Page>;
  const remove = async (): Promise<void> => {
    await send('DELETE', `/v1/users/${of.id}`);
    say('The user is removed');
    route(to('users'));
  };
  return (
    <Page title={of.email} actions={holds('AdministerUsers') && <><button type="button" onClick={() => setDoing('edit')}>Edit</button><button type="button" onClick={() => setDoing('delete')}>Remove</button></>}>
      {user.error !== undefined && <Failure error={user.error} onRetry={user.reload} />}
      <div class="card">
        <dl class="facts">
          <dt>Name</dt><dd class="name">{of.name}</dd>
          <dt>Role</dt><dd>{of.role.charAt(0) + of.role.slice(1).toLowerCase()} <span class="soft">{roles[of.role]}</span></dd>
          <dt>Policy</dt><dd>{of.policyId ? <a href={to(`policies/${of.policyId}`)}>{of.policyName ?? 'Its policy'}</a> : <span class="soft">None</span>}</dd>
          <dt>More permissions</dt><dd>{of.permissions.length > 0 ? of.permissions.map((name) => <><code key={name}>{name}</code> </>) : <span class="soft">None</span>}</dd>
          <dt>Id</dt><dd class="mono">{of.id}</dd>
          <dt>Created</dt><dd><When at={of.createdOn} asDay /> by <span class="name">{of.createdBy.username}</span></dd>
          {of.lastModifiedOn && <><dt>Last changed</dt><dd><When at={of.lastModifiedOn} /> by <span class="name">{of.lastModifiedBy.username}</span></dd></>}
        </dl>
      </div>
      {managesKeys() && <Section title="Keys" actions={<a href={to(`keys?user=${of.id}`)}>Show in the list</a>}><div class="card"><TheirKeys id={of.id} /></div></Section>}
      {holds('ViewAuditEvents') && <Section title="Audit trail"><History key={of.lastModifiedOn} target={of.id} /></Section>}
      {doing === 'edit' && <UserForm id={of.id} onClose={() => setDoing(undefined)} onDone={() => { setDoing(undefined); user.reload(); }} />}
      {doing === 'delete' && (
        <Confirm title={`Remove ${of.email}`} verb="Remove user" busy="Removing…" grave typed={of.email} act={remove} onClose={() => setDoing(undefined)}>
          <p>{of.keyCount === 0 ? 'The user has no personal key.' : of.keyCount === 1 ? 'The user’s one personal key is disabled.' : `The user’s ${of.keyCount} personal keys are disabled.`}</p>
        </Confirm>
      )}
    </Page>
  );
}

function TheirKeys({ id }: { id: string }) {
  const keys = useAnswer((signal) => read<ListPage<Schemas['APIKey']>>('/v1/apikeys', { onBehalfOf: id, limit: 20 }, signal), [id]);
  if (keys.error !== undefined) return <Failure error={keys.error} onRetry={keys.reload} />;
  if (!keys.value) return <Waiting lines={2} what="Loading the keys" />;
  if (keys.value.items.length === 0) return <p class="soft">None.</p>;
  return (
    <ul class="tight">
      {keys.value.items.map((key) => <li key={key.id} class="row"><a class="name" href={to(`keys/${key.id}`)}>{called(key)}</a>{states(key).map((state) => <Badge key={state.text} tone={state.tone}>{state.text}</Badge>)}<span class="small soft">last used <When at={key.lastUsedOn} none="never" /></span></li>)}
      {keys.value.nextCursor && <li><a href={to(`keys?user=${id}`)}>All of them</a></li>}
    </ul>
  );
}
