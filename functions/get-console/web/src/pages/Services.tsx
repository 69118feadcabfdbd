import { useState } from 'preact/hooks';
import { readAll, step } from '../api/client';
import type { Schemas } from '../api/schema';
import { to } from '../base';
import { Empty, Failure, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { Rest } from '../parts/Rest';
import { useAnswer } from '../parts/useAnswer';

type ServiceRecord = Schemas['Service'];

export function Services() {
  const [most, setMost] = useState(step);
  const list = useAnswer((signal) => readAll<ServiceRecord>('/v1/services', signal, most), [most]);
  return (
    <Page title="Services and permissions" intro="What your keys open: each service declares its permissions, its APIs, and what each route needs. Services are registered through the API or the construct of the CDK.">
      {list.error !== undefined && <Failure error={list.error} onRetry={list.reload} />}
      {!list.value && list.loading && <Waiting lines={4} what="Loading the services" />}
      {list.value?.items.length === 0 && !list.value.more && list.value.damaged === 0 && <Empty title="No service is registered yet">Until one is, keys open Keyward’s own API alone.</Empty>}
      {list.value && list.value.items.length > 0 && (
        <div class="frame">
          <table class="cardly">
            <caption class="sr">Services</caption>
            <thead><tr><th scope="col">Service</th><th scope="col" class="right">Permissions</th><th scope="col" class="right">APIs</th><th scope="col" class="right">Routes</th><th scope="col">Other routes</th></tr></thead>
            <tbody>
              {list.value.items.map((service) => (
                <tr key={service.id}>
                  <td class="lead keyname"><a class="name" href={to(`services/${service.id}`)}>{service.name}</a><span class="second mono">{service.id}</span></td>
                  <td data-label="Permissions" class="right">{service.permissions.length}</td>
                  <td data-label="APIs" class="right">{service.apis.length}</td>
                  <td data-label="Routes" class="right">{service.routes.length}</td>
                  <td data-label="Other routes">{unlisted(service.unlistedRoutes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.value && <Rest of={list.value} onMore={() => setMost(most + step)} />}
    </Page>
  );
}

export const unlisted = (how: string): string => (how === 'authenticate' ? 'Open to every valid key' : 'Refused');
