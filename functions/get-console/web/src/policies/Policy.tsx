import { useLocation, useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import { read } from '../api/client';
import { to } from '../base';
import { History } from '../parts/History';
import { Failure, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';
import { holds } from '../session';
import { type Policy as PolicyType, PolicyForm } from './form';
import { Radius } from './Radius';
import { RemovePolicy } from './Remove';

/** All about one policy. */
export function Policy() {
  const id = useRoute().params.id ?? '';
  const { route } = useLocation();
  const policy = useAnswer((signal) => read<PolicyType>(`/v1/policies/${id}`, undefined, signal), [id]);
  const [doing, setDoing] = useState<'edit' | 'delete'>();
  const of = policy.value;
  if (!of) return <Page title="Policy">{policy.error === undefined ? <Waiting lines={5} /> : <Failure error={policy.error} onRetry={policy.reload} />}</Page>;
  const mayChange = holds('AdministerPolicies');
  return (
    <Page title={of.name} actions={mayChange && <><button type="button" onClick={() => setDoing('edit')}>Edit</button><button type="button" onClick={() => setDoing('delete')}>Delete</button></>}>
      {policy.error !== undefined && <Failure error={policy.error} onRetry={policy.reload} />}
      <div class="card">
        <dl class="facts">
          {of.description && <><dt>Description</dt><dd class="name">{of.description}</dd></>}
          <dt>Grants</dt><dd>{of.permissions.map((name) => <><code key={name}>{name}</code> </>)}</dd>
          <dt>Id</dt><dd class="mono">{of.id}</dd>
          <dt>Created</dt><dd><When at={of.createdOn} asDay /> by <span class="name">{of.createdBy.username}</span></dd>
          {of.lastModifiedOn && <><dt>Last changed</dt><dd><When at={of.lastModifiedOn} /> by <span class="name">{of.lastModifiedBy.username}</span></dd></>}
        </dl>
      </div>
      <Section title={of.keyCount === 1 ? '1 key' : `${of.keyCount} keys`} hint="What a change or a deletion of the policy reaches." actions={of.keyCount > 0 && <a href={to(`keys?policy=${of.id}`)}>Show in the list</a>}>
        <div class="card"><Radius key={of.lastModifiedOn} policy={of.id} /></div>
      </Section>
      {holds('ViewAuditEvents') && <Section title="Audit trail"><History key={of.lastModifiedOn} target={of.id} /></Section>}
      {doing === 'edit' && <PolicyForm id={of.id} onClose={() => setDoing(undefined)} onDone={() => { setDoing(undefined); policy.reload(); }} />}
      {doing === 'delete' && <RemovePolicy of={of} onClose={() => setDoing(undefined)} onDone={() => route(to('policies'))} />}
    </Page>
  );
}
