import { read } from '../api/client';
import type { Page, Schemas } from '../api/schema';
import { Failure, Waiting } from '../parts/Notice';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';

/** The age of the peppers with which keys are hashed, as far as the audit trail
 * tells it. */
export function Peppers() {
  const found = useAnswer((signal) => read<Page<Schemas['AuditEvent']>>('/v1/audit-events', { action: 'pepper.create', limit: 5 }, signal), []);
  return (
    <Section title="Peppers" hint="Secrets of the deployment with which keys are hashed. Whoever runs Keyward renews them.">
      <div class="card">
        {found.error !== undefined && <Failure error={found.error} onRetry={found.reload} />}
        {!found.value && found.error === undefined && <Waiting lines={1} />}
        {found.value && (found.value.items.length === 0
          ? <p class="soft">The audit trail of your organization does not tell when the active one was made.</p>
          : <dl class="facts">{found.value.items.map((event) => <><dt key={event.id}>Version {event.target}</dt><dd>made <When at={event.at} /></dd></>)}</dl>)}
      </div>
    </Section>
  );
}
