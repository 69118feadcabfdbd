import { Page } from '../parts/Page';
export function Audit() { return <Page title="Audit"><p>Soon.</p></Page>; }
