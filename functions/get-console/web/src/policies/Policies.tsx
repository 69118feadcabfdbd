import { Page } from '../parts/Page';
export function Policies() { return <Page title="Policies"><p>Soon.</p></Page>; }
