package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// sum is the statistic of what is counted.
const sum = "Sum"

// metric is a figure as CloudWatch knows it.
type metric struct {
	namespace, name, statistic string
	dimensions                 []dimension
}

type dimension struct{ name, value string }

// by narrows a metric down.
func (m metric) by(name, value string) metric {
	m.dimensions = append(slices.Clone(m.dimensions), dimension{name, value})
	return m
}

func (m metric) dimensionsOfAlarm() []any {
	var dimensions []any
	for _, d := range m.dimensions {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(d.name), Value: jsii.String(d.value)})
	}
	return dimensions
}

// ofFunction is what Lambda counts of a function.
func (r *Regional) ofFunction(function, name, statistic string) metric {
	return metric{"AWS/Lambda", name, statistic, nil}.by("FunctionName", r.settings.Name+"-"+function)
}

// ofAPI is what API Gateway counts of the management API.
func (r *Regional) ofAPI(name string) metric {
	return metric{"AWS/ApiGateway", name, sum, nil}.by("ApiName", r.settings.Name).by("Stage", plan.Stage)
}

// ofTable is what DynamoDB counts of the region's replica of the main table.
func (r *Regional) ofTable(name, statistic string) metric {
	return metric{"AWS/DynamoDB", name, statistic, nil}.by("TableName", r.settings.Name)
}

// own is what the authorizer itself counts.
func (r *Regional) own(name, statistic string) metric {
	return metric{"Keyward", name, statistic, nil}.by("FunctionName", r.settings.Name+"-"+operations.Authorizer.Name)
}
