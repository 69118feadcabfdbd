// Sign-in with the configured OpenID Connect issuer: the authorization code flow
// with PKCE, in a window of its own. So the page, and what was typed in it, stays.
import { base } from '../base';

export interface Config {
  issuer: string;
  clientId: string;
  audience: string;
  tokenEndpoint?: string;
}

/** What the issuer's window tells the page. */
interface Message {
  state: string;
  code?: string;
  error?: string;
}

const channelName = 'keyward-signed-in';

/** Returns how people may sign in besides with a key. */
export async function readConfig(): Promise<Config> {
  const response = await fetch(base + 'config.json', { credentials: 'omit' });
  if (!response.ok) throw new Error('no configuration');
  return response.json();
}

/** In the issuer's window, hands over what the issuer said and closes. It returns
 * false on every other page. */
export function announceCode(): boolean {
  if (location.pathname !== base + 'signed-in') return false;
  const said = new URLSearchParams(location.search);
  history.replaceState(null, '', location.pathname);
  const message: Message = { state: said.get('state') ?? '', code: said.get('code') ?? undefined, error: said.get('error_description') ?? said.get('error') ?? undefined };
  new BroadcastChannel(channelName).postMessage(message);
  document.body.textContent = 'You can close this window.';
  window.close();
  return true;
}

/** Opens the issuer's page and returns an access token. It calls onGone when the
 * window seems to be closed, and waits on until the signal ends it: a page that
 * isolates itself (Cross-Origin-Opener-Policy) looks closed from here. */
export async function signInAt(config: Config, signal: AbortSignal, onGone: () => void): Promise<string> {
  // The window must open in answer to the click, before anything is awaited.
  const opened = window.open('', '_blank', 'popup,width=520,height=680');
  if (!opened) throw new Error('The browser blocked the window to sign in. Allow pop-ups for this page, and try again.');
  try {
    const found = await discover(config);
    const verifier = random(), state = random();
    const redirect = location.origin + base + 'signed-in';
    const address = new URL(found.authorization_endpoint);
    const query: Record<string, string> = {
      response_type: 'code', client_id: config.clientId, redirect_uri: redirect, scope: 'openid email', state,
      code_challenge: await challenge(verifier), code_challenge_method: 'S256',
    };
    if (config.audience !== config.clientId) query.audience = config.audience;
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    signal.throwIfAborted();
    const answer = codeFor(state, opened, signal, onGone);
    opened.location.replace(address.href);
    const code = await answer;
    return await exchange(config.tokenEndpoint ?? found.token_endpoint, { grant_type: 'authorization_code', code, redirect_uri: redirect, client_id: config.clientId, code_verifier: verifier });
  } catch (error) {
    opened.close();
    throw error;
  }
}

interface Discovered {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
}

async function discover(config: Config): Promise<Discovered> {
  const found: Discovered = await fetchJSON(config.issuer.replace(/\/$/, '') + '/.well-known/openid-configuration');
  const secure = /^https:|^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/]/;
  if (found.issuer !== config.issuer || !secure.test(found.authorization_endpoint)) throw new Error('The issuer’s configuration is not that of the issuer.');
  return found;
}

/** Waits for the window's message with that state. */
function codeFor(state: string, opened: Window, signal: AbortSignal, onGone: () => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const channel = new BroadcastChannel(channelName);
    const end = (): void => { channel.close(); clearInterval(watch); };
    let closedFor = 0;
    const watch = setInterval(() => {
      // The message of a window that closes itself may still be on its way.
      closedFor = opened.closed ? closedFor + 1 : 0;
      if (closedFor === 4) onGone();
    }, 500);
    signal.addEventListener('abort', () => { end(); reject(new Error('Another attempt began.')); });
    channel.onmessage = (event: MessageEvent<Message>) => {
      if (event.data.state !== state) return;
      end();
      if (event.data.code) resolve(event.data.code);
      else reject(new Error(`The issuer refused: ${event.data.error ?? 'it gave no reason'}.`));
    };
  });
}

async function exchange(endpoint: string, form: Record<string, string>): Promise<string> {
  const answer: { access_token?: string } = await fetchJSON(endpoint, { method: 'POST', body: new URLSearchParams(form) });
  if (!answer.access_token) throw new Error('The issuer gave no access token.');
  return answer.access_token;
}

async function fetchJSON<T>(address: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(address, { ...init, credentials: 'omit', referrerPolicy: 'no-referrer' })
    .catch(() => { throw new Error('The issuer cannot be reached.'); });
  if (!response.ok) throw new Error(`The issuer answered ${response.status}.`);
  return response.json();
}

const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function challenge(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

const base64url = (data: Uint8Array): string =>
  btoa(String.fromCharCode(...data)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
