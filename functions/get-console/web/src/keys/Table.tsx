import { memo } from 'preact/compat';
import { to } from '../base';
import { Badge } from '../parts/Badge';
import { type Choice, Menu } from '../parts/Menu';
import { When } from '../parts/When';
import { type APIKey, called, expired, expiresSoon, grant, states } from '../rules/keys';
import { manages } from '../rules/rights';
import { managesKeys } from '../session';
import { type Action, actionsOf, actionNames } from './actions';
import { Recent } from './Recent';
import { queryOf, type View } from './view';

interface Props {
  keys: APIKey[];
  view: View;
  show: (change: Partial<View>) => void;
  act: (kind: Action, of: APIKey) => void;
}

const columns = [
  { sort: 'name', title: 'Name' }, { title: 'Grant' }, { title: 'State' }, { sort: 'createdOn', title: 'Created' },
  { sort: 'lastUsedOn', title: 'Last used' }, { title: 'Last 36 hours' }, { sort: 'expiresOn', title: 'Expires' },
];

export function KeyTable({ keys, view, act }: Props) {
  return (
    <div class="frame" tabIndex={-1}>
      <table class="cardly">
        <caption class="sr">API keys</caption>
        <thead>
          <tr>
            {columns.map((column) => <Head key={column.title} {...column} title={view.show === 'deleted' && column.sort === 'expiresOn' ? 'Permanently removed' : column.title} view={view} />)}
            <th><span class="sr">Actions</span></th>
          </tr>
        </thead>
        <tbody>{keys.map((key) => <Row key={key.id} of={key} act={act} />)}</tbody>
      </table>
    </div>
  );
}

function Head({ sort, title, view }: { sort?: string; title: string; view: View }) {
  if (!sort || view.show === 'deleted') return <th scope="col">{title}</th>;
  const now = view.sort === sort ? view.order || 'asc' : undefined;
  const next = now === 'asc' ? 'desc' : 'asc';
  return (
    <th scope="col" aria-sort={now === undefined ? undefined : now === 'asc' ? 'ascending' : 'descending'}>
      <a href={to('keys') + queryOf({ ...view, cursor: '', sort, order: next })}>{title}{now === 'asc' ? ' ↑' : now === 'desc' ? ' ↓' : ''}</a>
    </th>
  );
}

const Row = memo(({ of: key, act }: { of: APIKey; act: Props['act'] }) => {
  const choices: Choice[] = actionsOf(key).map((kind) => ({ label: actionNames[kind], grave: kind === 'delete', act: () => act(kind, key) }));
  return (
    <tr>
      <td class="lead keyname">
        {manages(key) && !key.deletedOn ? <a class="name" title={called(key)} href={to(`keys/${key.id}`)}>{called(key)}</a> : <span class="name" title={called(key)}>{called(key)}</span>}
        <span class="second mono">{key.redactedApiKey}</span>
      </td>
      <td data-label="Grant">
        {key.policyId && managesKeys() ? <a class="name" href={to(`policies/${key.policyId}`)}>{grant(key)}</a> : grant(key)}
        {key.onBehalfOfEmail && <span class="second name" title={key.onBehalfOfEmail}>{key.onBehalfOfEmail}</span>}
      </td>
      <td data-label="State"><span class="row">{states(key).map((state) => <Badge key={state.text} tone={state.tone}>{state.text}</Badge>)}</span></td>
      <td data-label="Created"><When at={key.createdOn} asDay /><span class="second name" title={key.createdBy.username}>{key.createdBy.username}</span></td>
      <td data-label="Last used"><When at={key.lastUsedOn} none="Never" />{key.lastUsedFrom && <span class="second">{key.lastUsedFrom}</span>}</td>
      <td data-label="Last 36 hours">{!key.deletedOn && manages(key) && <Recent id={key.id} used={key.lastUsedOn} />}</td>
      <td data-label={key.deletedOn ? 'Permanently removed' : 'Expires'}><Expiry of={key} /></td>
      <td class="act">{choices.length > 0 && <Menu label={`Actions for ${called(key)}`} choices={choices} />}</td>
    </tr>
  );
});

function Expiry({ of: key }: { of: APIKey }) {
  if (key.deletedOn) return <When at={key.purgeOn} asDay />;
  if (!expiresSoon(key) && !expired(key)) return <When at={key.expiresOn} none="Never" asDay />;
  return <span class={`badge ${expired(key) ? 'bad' : 'warn'}`}><When at={key.expiresOn} /></span>;
}
