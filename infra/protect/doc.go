// Package protect puts an API of another CDK app behind Keyward's authorizer.
//
// [Connect] says where Keyward is; [Keyward.Protect] takes a service's APIs and
// who may use each of their routes. It adds:
//   - a Lambda authorizer on each API, attached to every route that is not public.
//     By default, the gateway does not cache its answers;
//   - the API's permission to call the authorizer. If the authorizer belongs to
//     another account, an output says what to add there;
//   - a registration of the service with Keyward, on each deployment that changes
//     it;
//   - on REST APIs, gateway responses with Keyward's problem bodies.
//
// The app does not synthesize while an API has a route without a decision: see
// [Routes]. The app's Synth reports all faults at once, each with its setting.
//
// Of Keyward, the package imports only the operation table, the registration's
// rules and the writer of reasons for cdk-nag, so an app that imports it gets
// nothing else but CDK.
package protect
