import type { ComponentType } from 'preact';
import { ErrorBoundary, lazy, LocationProvider, Route, Router, useRoute } from 'preact-iso';
import { base } from './base';
import { Issued } from './keys/Issued';
import { Keys } from './keys/Keys';
import { NotFound } from './pages/NotFound';
import { Dialog } from './parts/Dialog';
import { Said } from './parts/said';
import { Shell } from './Shell';
import { generation, identity, me, reason, signedIn } from './session';
import { SignIn } from './signin/SignIn';
import { useRef } from 'preact/hooks';

const Home = lazy(() => import('./pages/Home').then((m) => m.Home));
const Key = lazy(() => import('./keys/Key').then((m) => m.Key));
const Policies = lazy(() => import('./policies/Policies').then((m) => m.Policies));
const Policy = lazy(() => import('./policies/Policy').then((m) => m.Policy));
const Users = lazy(() => import('./users/Users').then((m) => m.Users));
const User = lazy(() => import('./users/User').then((m) => m.User));
const Services = lazy(() => import('./pages/Services').then((m) => m.Services));
const Service = lazy(() => import('./pages/Service').then((m) => m.Service));
const Audit = lazy(() => import('./pages/Audit').then((m) => m.Audit));
const Organization = lazy(() => import('./pages/Organization').then((m) => m.Organization));

/** A page of one thing starts anew for another, so that nothing of the one before is
 * shown, or changed, under the address of the next. */
const of = (Page: ComponentType) => () => <Page key={useRoute().params.id} />;

const OfKey = of(Key), OfPolicy = of(Policy), OfUser = of(User), OfService = of(Service);

/** The console: the form to sign in, or the pages. While somebody must sign in
 * again, the pages stay as they are, out of sight. */
export function App() {
  const who = useRef('');
  if (me.value === null) return <Entry />;
  // What one person typed or saw is not for the next.
  if (signedIn.value) who.current = identity();
  return (
    <LocationProvider>
      <div key={who.current} class={signedIn.value ? '' : 'hidden'}>
        <Shell>
          <ErrorBoundary>
            <Router>
              <Route path={base} component={Home} />
              <Route path={base + 'keys'} component={Keys} />
              <Route path={base + 'keys/:id'} component={OfKey} />
              <Route path={base + 'policies'} component={Policies} />
              <Route path={base + 'policies/:id'} component={OfPolicy} />
              <Route path={base + 'users'} component={Users} />
              <Route path={base + 'users/:id'} component={OfUser} />
              <Route path={base + 'services'} component={Services} />
              <Route path={base + 'services/:id'} component={OfService} />
              <Route path={base + 'audit'} component={Audit} />
              <Route path={base + 'organization'} component={Organization} />
              <Route default component={NotFound} />
            </Router>
          </ErrorBoundary>
        </Shell>
        <Issued />
      </div>
      {!signedIn.value && <Dialog key={generation.value} title="Sign in again" opaque kept onClose={() => {}}><SignIn /></Dialog>}
      <Said />
    </LocationProvider>
  );
}

function Entry() {
  document.title = 'Sign in · Keyward';
  return (
    <main class="entry">
      <h1>Sign in to Keyward</h1>
      <div class="card"><SignIn /></div>
      {reason.value === '' && <p class="small soft">No key yet? Whoever runs Keyward has the first one, or can make one for you.</p>}
    </main>
  );
}
