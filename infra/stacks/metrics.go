package stacks

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// sum is the statistic of counters.
const sum = "Sum"

// metric is a CloudWatch metric.
type metric struct {
	namespace, name, statistic string
	dimensions                 []dimension
}

type dimension struct{ name, value string }

// by returns the metric with one more dimension.
func (m metric) by(name, value string) metric {
	m.dimensions = append(slices.Clone(m.dimensions), dimension{name, value})
	return m
}

// dimensionsOfAlarm returns nil for a metric without dimensions, because a nil
// slice would appear in the template.
func (m metric) dimensionsOfAlarm() any {
	if m.dimensions == nil {
		return nil
	}
	var dimensions []any
	for _, d := range m.dimensions {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(d.name), Value: jsii.String(d.value)})
	}
	return dimensions
}

// ofFunction returns one of Lambda's metrics of a function.
func (r *Regional) ofFunction(function, name, statistic string) metric {
	return metric{"AWS/Lambda", name, statistic, nil}.by("FunctionName", r.settings.Name+"-"+function)
}

// ofAPI returns one of API Gateway's metrics of the management API.
func (r *Regional) ofAPI(name string) metric {
	return metric{"AWS/ApiGateway", name, sum, nil}.by("ApiName", r.settings.Name).by("Stage", plan.Stage)
}

// ofTable returns one of DynamoDB's metrics of the region's replica of the main
// table.
func (r *Regional) ofTable(name, statistic string) metric {
	return metric{"AWS/DynamoDB", name, statistic, nil}.by("TableName", r.settings.Name)
}

// ofQueue returns one of SQS's metrics of a function's queue for dead letters.
func (r *Regional) ofQueue(op operations.Operation, name, statistic string) metric {
	return metric{"AWS/SQS", name, statistic, nil}.by("QueueName", r.settings.DeadLetters(op))
}

// own returns one of the authorizer's own metrics.
func (r *Regional) own(name, statistic string) metric {
	return metric{"Keyward", name, statistic, nil}.by("FunctionName", r.settings.Name+"-"+operations.Authorizer.Name)
}

// failed returns the metric of decisions that could not be made: the
// authorizer's own, or one from its log if it writes no metrics.
func (r *Regional) failed() metric {
	if r.settings.Metrics {
		return r.own("Failure", sum)
	}
	return r.logged(failures)
}

// logged returns the metric of a filter on the authorizer's log.
func (r *Regional) logged(f filter) metric {
	return metric{"Keyward", r.settings.Name + "-" + f.name, sum, nil}
}

// filter counts the lines of the authorizer's log that match a pattern.
type filter struct{ name, pattern string }

var (
	// crashes are failures that the authorizer cannot count itself, in Lambda's
	// words.
	crashes = filter{"authorizer-crashes", `?"Task timed out" ?"Runtime exited"`}
	// failures are the authorizer's own words.
	failures = filter{"authorizer-failures", `{ $.msg = "no answer was found" }`}
)

// addFilters creates the metrics that alarms take from the authorizer's log.
func (r *Regional) addFilters() {
	filters := []filter{crashes}
	if !r.settings.Metrics {
		filters = append(filters, failures)
	}
	for _, f := range filters {
		m := r.logged(f)
		awslogs.NewCfnMetricFilter(r.Stack, jsii.String(plan.LogicalID(f.name)+"Filter"), &awslogs.CfnMetricFilterProps{
			LogGroupName:  r.functions[operations.Authorizer.Name].logs.LogGroupName(),
			FilterPattern: jsii.String(f.pattern),
			MetricTransformations: []any{&awslogs.CfnMetricFilter_MetricTransformationProperty{
				MetricNamespace: jsii.String(m.namespace), MetricName: jsii.String(m.name), MetricValue: jsii.String("1"),
			}},
		})
	}
}
