import { useEffect, useRef, useState } from 'preact/hooks';
import { isKey } from '../../../../../shared/client/typescript/src/credential.js';
import { KeywardError, send } from '../api/client';
import { explain } from '../api/fault';
import { Field } from '../parts/Field';
import { Notice } from '../parts/Notice';
import { begin, reason, type WhoAmI } from '../session';
import { type Config, readConfig, signInAt } from './oidc';

/** The form with which one signs in, for the first time or again. */
export function SignIn() {
  const [config, setConfig] = useState<Config>();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const [refused, setRefused] = useState('');
  const attempt = useRef<AbortController | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Without it, keys still work.
    readConfig().then(setConfig, () => {});
    input.current?.focus();
  }, []);
  useEffect(() => () => attempt.current?.abort(), []);
  // A new attempt ends the one before.
  const anew = (): AbortSignal => {
    attempt.current?.abort();
    attempt.current = new AbortController();
    setBusy(true);
    setFault('');
    setRefused('');
    return attempt.current.signal;
  };
  const enter = async (credential: string, signal: AbortSignal): Promise<void> => {
    const authorization = 'Bearer ' + credential;
    const { value } = await send<WhoAmI>('GET', '/v1/whoami', { authorization, signal });
    if (!signal.aborted) begin(authorization, value);
  };
  const unseen = (): void => {
    setRefused('The window to sign in seems to be closed. If you did not finish there, try again.');
    setBusy(false);
  };
  const withIssuer = async (issuer: Config): Promise<void> => {
    const signal = anew();
    try {
      await enter(await signInAt(issuer, signal, unseen), signal);
    } catch (error) {
      if (signal.aborted) return;
      setRefused(why(error, 'account'));
      setBusy(false);
    }
  };
  const withKey = (event: Event): void => {
    event.preventDefault();
    const key = input.current?.value.trim() ?? '';
    if (key === '') {
      setFault('Enter an API key.');
      input.current?.focus();
    } else if (!isKey(key)) {
      setFault('This is not a whole key; copy it again.');
      input.current?.focus();
    } else {
      const signal = anew();
      enter(key, signal).catch((error) => {
        if (signal.aborted) return;
        setFault(why(error, 'key'));
        setBusy(false);
        input.current?.focus();
      });
    }
  };
  return (
    <div class="stack">
      {reason.value && <Notice tone="warn"><strong>{reason.value}</strong> Sign in again to go on. What you typed is kept.</Notice>}
      {config?.clientId && (
        <>
          <button type="button" class="primary" disabled={busy} onClick={() => void withIssuer(config)}>Sign in with {new URL(config.issuer).host}</button>
          {refused && <div role="alert"><Notice tone="bad">{refused}</Notice></div>}
          <p class="small soft">Or with an API key:</p>
        </>
      )}
      <form class="stack" onSubmit={withKey} autocomplete="off">
        <Field label="API key" fault={fault} hint="It stays in the memory of this tab, and is gone when you close or reload it.">
          <input ref={input} type="password" autocomplete="off" spellcheck={false} autocapitalize="off" />
        </Field>
        <button type="submit" class={config?.clientId ? '' : 'primary'} disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</button>
      </form>
    </div>
  );
}

function why(error: unknown, what: 'key' | 'account'): string {
  if (!(error instanceof KeywardError)) return error instanceof Error ? error.message : 'It did not work.';
  if (error.status === 401 && what === 'account') return 'Your account is not accepted. Somebody who administers users must add it first.';
  if (error.status === 401) return 'This key is not accepted. It may be wrong, disabled, expired or deleted.';
  if (error.status === 403) return `This ${what} may not call Keyward: it may be limited to services or addresses.`;
  const { title, advice } = explain(error);
  return `${title}. ${advice}`;
}
