import { useState } from 'preact/hooks';
import { to } from '../base';
import { Failure, Waiting } from '../parts/Notice';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import { called } from '../rules/keys';
import { mostChecked, noneChecked, overPrivileged } from './attention';

/** The keys that have more than they used. */
export function LeastPrivilege() {
  const [before, setBefore] = useState(noneChecked);
  const answer = useAnswer((signal) => overPrivileged(signal, before), [before]);
  const { found, checked, next } = answer.value ?? before;
  return (
    <Section title="Least privilege" hint={`Permissions that keys have and did not use in 90 days, among ${answer.value && !next ? 'all keys that were used' : `the ${checked || mostChecked} keys that were used last`}.`}>
      {answer.error !== undefined && <Failure error={answer.error} onRetry={answer.reload} />}
      {!answer.value && answer.error === undefined && <Waiting />}
      {answer.value && found.length === 0 && <p class="soft">Every one of them used all that it has.</p>}
      {found.length > 0 && (
        <div class="frame">
          <table class="cardly">
            <caption class="sr">Keys with permissions that they did not use</caption>
            <thead><tr><th scope="col">Key</th><th scope="col">Used</th><th scope="col">Not used</th></tr></thead>
            <tbody>
              {found.map(({ key, used, unused }) => (
                <tr key={key.id}>
                  <td class="lead keyname"><a class="name" href={to(`keys/${key.id}`)}>{called(key)}</a></td>
                  <td data-label="Used">{used.map((name) => <><code key={name}>{name}</code> </>)}</td>
                  <td data-label="Not used"><details><summary>{unused.length}</summary>{unused.map((name) => <><code key={name}>{name}</code> </>)}</details></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {answer.value && next && <button type="button" disabled={answer.loading} onClick={() => setBefore(answer.value ?? before)}>{answer.loading ? 'Looking…' : `Look at the next ${mostChecked}`}</button>}
    </Section>
  );
}
