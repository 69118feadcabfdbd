import { Page } from '../parts/Page';
export function Users() { return <Page title="Users"><p>Soon.</p></Page>; }
