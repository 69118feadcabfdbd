import { KeywardError } from './client';

/** Returns what happened and what to do, in words. */
export function explain(error: unknown): { title: string; advice: string } {
  if (!(error instanceof KeywardError)) return { title: 'The console itself failed', advice: 'Reload the page. If it happens again, tell whoever runs Keyward.' };
  const detail = error.detail && sentence(error.detail);
  switch (error.status) {
    case 0:
      if (error.code === 'TIMEOUT') return { title: 'No answer in time', advice: 'The API took longer than 30 seconds. Try again.' };
      if (error.code === 'CUT_OFF') return { title: 'The answer broke off', advice: 'The connection ended early. Try again: a repeated request does nothing twice.' };
      if (error.code === 'INSECURE_URL') return { title: 'The console’s address is not safe', advice: error.detail };
      return { title: 'The API cannot be reached', advice: 'Check your network, then try again.' };
    case 401:
      return { title: 'You are signed out', advice: 'Sign in again. What you typed is kept.' };
    case 403:
      return { title: 'You may not do this', advice: `${detail} Ask somebody who administers keys.`.trim() };
    case 404:
      return { title: 'Not found', advice: detail || 'It may have been deleted.' };
    case 412:
      return { title: 'Somebody else changed it', advice: 'It is no longer what you saw when you began.' };
    case 429:
      return { title: 'Too many requests', advice: 'Wait a minute, then try again.' };
    case 503:
      return { title: 'Keyward is not available just now', advice: `It cannot reach its tables or keys. Try again${error.retryAfter ? ` in ${error.retryAfter} s` : ''}.` };
  }
  if (error.status >= 500) return { title: 'Keyward failed', advice: 'Try again. If it happens again, tell whoever runs Keyward, with the request’s id.' };
  return { title: detail || 'The request was refused', advice: '' };
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : upper + '.';
}
