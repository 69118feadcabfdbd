import { Page } from '../parts/Page';
export function Policy() { return <Page title="Policy"><p>Soon.</p></Page>; }
