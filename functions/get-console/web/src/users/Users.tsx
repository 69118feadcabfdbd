import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { readAll, step } from '../api/client';
import { to } from '../base';
import { Empty, Failure, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { Rest } from '../parts/Rest';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';
import { holds } from '../session';
import { type User, UserForm } from './form';

export function Users() {
  const { route } = useLocation();
  const [most, setMost] = useState(step);
  const list = useAnswer((signal) => readAll<User>('/v1/users', signal, most), [most]);
  const [creating, setCreating] = useState(false);
  return (
    <Page title="Users" intro="People who have personal keys, or sign in with your issuer."
      actions={holds('AdministerUsers') && <button type="button" class="primary" onClick={() => setCreating(true)}>New user</button>}>
      {list.error !== undefined && <Failure error={list.error} onRetry={list.reload} />}
      {!list.value && list.loading && <Waiting lines={4} what="Loading the users" />}
      {list.value?.items.length === 0 && !list.value.more && list.value.damaged === 0 && <Empty title="There are no users yet" />}
      {list.value && list.value.items.length > 0 && (
        <div class="frame">
          <table class="cardly">
            <caption class="sr">Users</caption>
            <thead><tr><th scope="col">User</th><th scope="col">Role</th><th scope="col">More permissions</th><th scope="col" class="right">Personal keys</th><th scope="col">Created</th></tr></thead>
            <tbody>
              {list.value.items.map((user) => (
                <tr key={user.id}>
                  <td class="lead keyname"><a class="name" href={to(`users/${user.id}`)}>{user.email}</a><span class="second name">{user.name}</span></td>
                  <td data-label="Role">{user.role.charAt(0) + user.role.slice(1).toLowerCase()}</td>
                  <td data-label="More permissions">{more(user)}</td>
                  <td data-label="Personal keys" class="right">{user.keyCount}</td>
                  <td data-label="Created"><When at={user.createdOn} asDay /><span class="second name">{user.createdBy.username}</span></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.value && <Rest of={list.value} onMore={() => setMost(most + step)} />}
      {creating && <UserForm onClose={() => setCreating(false)} onDone={(user) => { setCreating(false); route(to(`users/${user.id}`)); }} />}
    </Page>
  );
}

function more(user: User): string {
  const own = user.permissions.length === 0 ? '' : user.permissions.length === 1 ? '1 permission' : `${user.permissions.length} permissions`;
  return [user.policyId ? user.policyName ?? 'A policy' : '', own].filter(Boolean).join(', ') || 'None';
}
