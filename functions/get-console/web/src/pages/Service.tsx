import { useRoute } from 'preact-iso';
import { read } from '../api/client';
import type { Schemas } from '../api/schema';
import { to } from '../base';
import { History } from '../parts/History';
import { Failure, Notice, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import { span } from '../rules/time';
import { holds, managesKeys } from '../session';
import { LeastPrivilege } from './LeastPrivilege';
import { unlisted } from './Services';

type ServiceRecord = Schemas['Service'];

/** All about one service: which routes need what, and what is granted too much. */
export function Service() {
  const id = useRoute().params.id ?? '';
  const service = useAnswer((signal) => read<ServiceRecord>(`/v1/services/${id}`, undefined, signal), [id]);
  const of = service.value;
  if (!of) return <Page title="Service">{service.error === undefined ? <Waiting lines={5} /> : <Failure error={service.error} onRetry={service.reload} />}</Page>;
  return (
    <Page title={of.name} actions={<a class="button" href={to(`keys?service=${of.id}`)}>Keys for it</a>}>
      {of.warnings?.map((warning) => <Notice key={warning.detail} tone="warn"><strong>{warning.route ?? 'All routes'}</strong> {warning.detail}</Notice>)}
      <div class="card">
        <dl class="facts">
          <dt>Id</dt><dd class="mono">{of.id}</dd>
          <dt>APIs</dt><dd>{of.apis.length === 0 ? 'None' : of.apis.map((api) => <div key={api.id + api.account} class="mono">{[api.account, api.region, api.id, api.stage].filter(Boolean).join(' / ')}</div>)}</dd>
          <dt>Other routes</dt><dd>{unlisted(of.unlistedRoutes)}</dd>
          <dt>Gateways keep answers</dt><dd>{of.gatewayCache.seconds === 0 ? 'Not at all' : `For ${span(of.gatewayCache.seconds)}`}</dd>
        </dl>
      </div>
      <Section title="Routes" hint="Any one of a route’s permissions opens it."><Routes of={of} /></Section>
      <Section title="Permissions"><Permissions of={of} /></Section>
      {managesKeys() && <LeastPrivilege />}
      {holds('ViewAuditEvents') && <Section title="Audit trail"><History target={of.id} only="service." /></Section>}
    </Page>
  );
}

function Routes({ of }: { of: ServiceRecord }) {
  if (of.routes.length === 0) return <p class="soft">It lists no routes.</p>;
  return (
    <div class="frame" tabIndex={0} role="group" aria-label="Routes">
      <table class="cardly">
        <caption class="sr">Routes and the permissions that open them</caption>
        <thead><tr><th scope="col">Route</th><th scope="col">Opened by</th></tr></thead>
        <tbody>
          {of.routes.map((route) => (
            <tr key={route.method + route.path}>
              <td class="lead"><code>{route.method} {route.path}</code></td>
              <td data-label="Opened by" class="wide">{route.permissions.length === 0 ? 'Every valid key' : route.permissions.map((name) => <><code key={name}>{name}</code> </>)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Permissions({ of }: { of: ServiceRecord }) {
  if (of.permissions.length === 0) return <p class="soft">It declares none.</p>;
  return (
    <div class="frame" tabIndex={0} role="group" aria-label="Permissions">
      <table class="cardly">
        <caption class="sr">Permissions that the service declares</caption>
        <thead><tr><th scope="col">Permission</th><th scope="col">What it allows</th><th scope="col" class="right">Routes</th></tr></thead>
        <tbody>
          {of.permissions.map((one) => (
            <tr key={one.name}><td class="lead"><code>{one.name}</code></td><td data-label="What it allows" class="wide">{one.description}</td><td data-label="Routes" class="right">{of.routes.filter((route) => route.permissions.includes(one.name)).length || <span class="soft">none</span>}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
