import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { base, to } from './base';
import { holds, managesKeys, me, signOut } from './session';

interface Place {
  page: string;
  name: string;
  /** Reports whether the caller may see anything there. */
  open: () => boolean;
}

const places: Place[] = [
  { page: '', name: 'Home', open: () => true },
  { page: 'keys', name: 'API keys', open: () => true },
  { page: 'policies', name: 'Policies', open: () => managesKeys() || holds('AdministerPolicies') },
  { page: 'users', name: 'Users', open: () => holds('AdministerUsers', 'AdministerApiKeys') },
  { page: 'services', name: 'Services', open: () => holds('AdministerServices', 'AdministerApiKeys') },
  { page: 'audit', name: 'Audit trail', open: () => holds('ViewAuditEvents') },
  { page: 'organization', name: 'Organization', open: managesKeys },
];

/** What is around every page: where one can go, and who one is. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const here = path.slice(base.length).split('/')[0] ?? '';
  // In a narrow window the list of pages scrolls.
  useEffect(() => { document.querySelector('.nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); }, [here]);
  const name = me.value?.user?.email ?? me.value?.name ?? '';
  return (
    <div class="shell">
      <a class="button skip" href="#main" onClick={(event) => { event.preventDefault(); document.querySelector('h1')?.focus(); }}>Skip to the page</a>
      <header class="side">
        <a class="brand" href={base}><img src={to('icon.svg')} alt="" />Keyward</a>
        <nav class="nav" aria-label="Pages">
          {places.filter((place) => place.open()).map((place) => (
            <a key={place.page} href={to(place.page)} aria-current={here === place.page ? 'page' : undefined}>{place.name}</a>
          ))}
        </nav>
        <div class="who small">
          <div class="tight">
            <span class="name">{name}</span>
            <span class="soft">{me.value?.orgId}{me.value?.user ? ` · ${me.value.user.role.toLowerCase()}` : ''}</span>
          </div>
          <button type="button" onClick={signOut}>Sign out</button>
        </div>
      </header>
      <main id="main">{children}</main>
    </div>
  );
}
