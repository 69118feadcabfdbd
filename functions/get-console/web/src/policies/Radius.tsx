import { read } from '../api/client';
import type { Page, Schemas } from '../api/schema';
import { to } from '../base';
import { Failure, Waiting } from '../parts/Notice';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';
import { called } from '../rules/keys';
import { manages } from '../rules/rights';

/** The keys that a change of a policy reaches, the last used first. They are plain
 * in a form, which a link would leave. */
export function Radius({ policy, plain }: { policy: string; plain?: boolean }) {
  const keys = useAnswer((signal) => read<Page<Schemas['APIKey']>>('/v1/apikeys', { policyId: policy, sort: 'lastUsedOn', order: 'desc', limit: 20 }, signal), [policy]);
  if (keys.error !== undefined) return <Failure error={keys.error} onRetry={keys.reload} />;
  if (!keys.value) return <Waiting lines={2} what="Loading its keys" />;
  return (
    <ul class="tight">
      {keys.value.items.map((key) => <li key={key.id}>{manages(key) && !plain ? <a class="name" href={to(`keys/${key.id}`)}>{called(key)}</a> : <span class="name">{called(key)}</span>} <span class="small">last used <When at={key.lastUsedOn} none="never" /></span></li>)}
      {keys.value.items.length === 0 && <li class="soft">No key has it.</li>}
      {keys.value.nextCursor && <li>{plain ? 'and more' : <a href={to(`keys?policy=${policy}`)}>All of them</a>}</li>}
    </ul>
  );
}
