import './tokens.css';
import './base.css';
import './parts.css';
import './table.css';
import { render } from 'preact';
import { App } from './App';
import { announceCode } from './signin/oidc';
import { watchIdleness } from './session';

// The issuer sends the window in which one signs in back to this page.
if (!announceCode()) {
  watchIdleness();
  const root = document.getElementById('app');
  if (root) render(<App />, root);
}
