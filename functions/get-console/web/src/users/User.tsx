import { Page } from '../parts/Page';
export function User() { return <Page title="User"><p>Soon.</p></Page>; }
