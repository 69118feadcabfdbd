// Package protect puts an API of another CDK app behind Keyward's authorizer.
//
// [Connect] says where Keyward is; [Keyward.Protect] takes a service's APIs and
// who may use each of their routes. What it makes:
//   - a Lambda authorizer on each API, attached to every route that is not
//     public, whose answers the gateway keeps for no time unless told otherwise;
//   - the right of the API to call the authorizer, or, where that belongs to
//     another account, an output with what must be added there;
//   - a registration of the service with Keyward, when the app is deployed and
//     whenever it changes;
//   - on REST APIs, gateway responses with Keyward's problem bodies.
//
// The app does not synthesize while an API has a route that nobody has decided
// on: see [Routes]. Faults are reported by the app's Synth, all at once, each
// with the setting that it is in.
//
// Within Keyward the package uses the operation table and the writer of reasons
// for cdk-nag alone, so that an app which imports it gets nothing else but CDK.
package protect
