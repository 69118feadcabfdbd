import { read } from '../api/client';
import type { Schemas } from '../api/schema';
import { Badge } from '../parts/Badge';
import { Failure, Waiting } from '../parts/Notice';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';
import { span } from '../rules/time';

type Propagation = Schemas['Propagation'];

const names = { current: ['good', 'Has the newest version'], behind: ['wait', 'Behind'], unknown: ['warn', 'Cannot be read'] } as const;

/** Where the newest version of a key has arrived. */
export function Regions({ id, version }: { id: string; version: string }) {
  const found = useAnswer((signal) => read<Propagation>(`/v1/apikeys/${id}/propagation`, undefined, signal), [id, version]);
  return (
    <Section title="Regions" hint={found.value && `A change takes effect within ${span(found.value.cacheTtlSeconds + found.value.gatewayTtlSeconds)} of its arrival.`}
      actions={found.value?.regions.some((region) => region.state !== 'current') && <button type="button" onClick={found.reload}>Look again</button>}>
      {found.error !== undefined && <Failure error={found.error} onRetry={found.reload} />}
      {!found.value && found.error === undefined && <Waiting lines={2} />}
      {found.value && (
        <div class="frame">
          <table class="cardly">
            <caption class="sr">Propagation by region</caption>
            <thead><tr><th scope="col">Region</th><th scope="col">State</th><th scope="col">An older version may be allowed</th></tr></thead>
            <tbody>
              {found.value.regions.map((region) => (
                <tr key={region.region}>
                  <td class="lead">{region.region}</td>
                  <td data-label="State"><Badge tone={names[region.state][0]}>{names[region.state][1]}</Badge></td>
                  <td data-label="An older version may be allowed">{region.olderAllowedUntil ? Date.parse(region.olderAllowedUntil) > Date.now() ? <>until <When at={region.olderAllowedUntil} /></> : 'No more' : 'Still'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
