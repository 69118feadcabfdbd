import { Page } from '../parts/Page';
export function Home() { return <Page title="Home"><p>Soon.</p></Page>; }
