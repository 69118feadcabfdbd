package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"

	"github.com/keyward/keyward/infra/nag/explain"
)

// noLog is why the example's APIs have no log. Yours should have one.
const noLog = "The example serves nobody, so nothing is logged; an API in use has a log."

// explainFiles explains which rules of cdk-nag the REST API breaks: an
// unexplained one fails the example's test. The construct itself explains the
// routes that ask Keyward.
func explainFiles(api awsapigateway.RestApi, health awsapigateway.Method) {
	explain.Rule(api, "APIG2", "There is nothing to check: the API answers by itself, whatever it is sent.")
	stage := api.DeploymentStage()
	explain.Rule(stage, "APIG1", noLog)
	explain.Rule(stage, "APIG3", "A firewall costs while nobody calls, and the example serves nobody.")
	explain.Rule(stage, "APIG6", "The execution log has headers in it, with keys: use the access log.")
	explain.Rule(health, "APIG4", "It answers anybody, with nothing but that it answers.")
	explain.Rule(health, "COG4", "It is public: it needs no authorizer.")
}
