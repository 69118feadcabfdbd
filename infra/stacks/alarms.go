package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// alarm is a metric and the threshold at which somebody must be told.
type alarm struct {
	// name is the alarm's heading in the runbook and the suffix of its own name.
	name string
	// tells is what the alarm's reader is told has happened.
	tells     string
	metric    metric
	threshold int
	// periods is how many periods of plan.AlarmMinutes it must last.
	periods int
}

// alarms returns the alarms of a region. Metrics of requests that were answered
// in time are only on the dashboard. No alarm uses the authorizer's Errors,
// because Lambda counts a refused key as an error.
func (r *Regional) alarms() []alarm {
	authorizer := func(name, statistic string) metric { return r.ofFunction(operations.Authorizer.Name, name, statistic) }
	table := func(name string) metric { return r.ofTable(name, sum) }
	all := []alarm{
		{"authorizer-crashes", "The authorizer crashes or times out, and callers get 503", r.logged(crashes), 5, 1},
		{"failures", "The authorizer cannot decide, and callers get 503", r.failed(), 5, 1},
		{"authorizer-throttles", "Lambda throttles the authorizer, and callers get 503", authorizer("Throttles", sum), 1, 1},
		{"authorizer-slow", "The slowest 1% of decisions take a second or more", authorizer("Duration", "p99"), 1000, 3},
		{"api-errors", "The management API answers 5xx", r.ofAPI("5XXError"), 5, 1},
		{"table-read-throttles", "DynamoDB throttles reads of the table", table("ReadThrottleEvents"), 1, 1},
		{"table-write-throttles", "DynamoDB throttles writes to the table", table("WriteThrottleEvents"), 1, 1},
	}
	for _, operation := range []string{"BatchGetItem", "Query", "TransactWriteItems"} {
		all = append(all, alarm{"table-errors-" + strings.ToLower(operation), "DynamoDB answers " + operation + " with server errors",
			table("SystemErrors").by("Operation", operation), 5, 1})
	}
	if r.settings.Metrics {
		all = append(all,
			alarm{"kms-failures", "KMS fails to unwrap a pepper", r.own("KMSFailures", sum), 1, 1},
			alarm{"refusals", "Many requests are refused", r.own("Refusals", sum), r.settings.AlarmRefusals, 1},
		)
	}
	if _, here := r.functions["sweep"]; here {
		all = append(all, alarm{"sweep-errors", "The sweep fails, so interrupted changes stay unfinished", r.ofFunction("sweep", "Errors", sum), 1, 3})
	}
	if _, here := r.functions["send-notices"]; here {
		// Lambda tries a failed run twice more within the alarm's period.
		all = append(all, alarm{"notices-errors", "Nobody is told which keys expire or are not used", r.ofFunction("send-notices", "Errors", sum), 3, 1})
	}
	for _, op := range r.streamed() {
		all = append(all,
			alarm{"dead-letters-" + op.Name, "Changes that " + op.Name + " could not handle are in its queue for dead letters",
				r.ofQueue(op, "ApproximateNumberOfMessagesVisible", "Maximum"), 1, 1},
			alarm{"late-" + op.Name, op.Name + " is more than 5 minutes behind the changes of its table",
				r.ofFunction(op.Name, "IteratorAge", "Maximum"), 300_000, 1},
		)
	}
	for _, region := range r.readers() {
		all = append(all, alarm{"replication-" + region, "Changes take more than 10 s to reach " + region + ", revocations among them",
			r.ofTable("ReplicationLatency", "Average").by("ReceivingRegion", region), 10_000, 2})
	}
	return all
}

// readers returns the regions that this region's changes are replicated to.
func (r *Regional) readers() []string {
	if r.place != r.settings.HomeRegion() {
		return nil
	}
	return r.settings.Replicas()
}

// addAlarms adds the alarms. Each has a fixed name and a description of what to
// do. Missing data counts as zero, because no metric is sent for what did not
// happen.
func (r *Regional) addAlarms() {
	for _, a := range r.alarms() {
		options := &awscloudwatch.CfnAlarmProps{
			AlarmName:          jsii.String(r.alarmName(a)),
			AlarmDescription:   jsii.String(a.tells + ". What to do: infra/RUNBOOK.md, Alarms, " + a.name),
			Namespace:          jsii.String(a.metric.namespace),
			MetricName:         jsii.String(a.metric.name),
			Dimensions:         a.metric.dimensionsOfAlarm(),
			Period:             jsii.Number(plan.AlarmMinutes * 60),
			EvaluationPeriods:  jsii.Number(a.periods),
			ComparisonOperator: jsii.String("GreaterThanOrEqualToThreshold"),
			Threshold:          jsii.Number(a.threshold),
			TreatMissingData:   jsii.String("notBreaching"),
			AlarmActions:       r.alarmActions(),
			OkActions:          r.alarmActions(),
		}
		if strings.HasPrefix(a.metric.statistic, "p") {
			options.ExtendedStatistic = jsii.String(a.metric.statistic)
			// With few calls, a percentile is just one slow call.
			options.EvaluateLowSampleCountPercentile = jsii.String("ignore")
		} else {
			options.Statistic = jsii.String(a.metric.statistic)
		}
		awscloudwatch.NewCfnAlarm(r.Stack, jsii.String(plan.LogicalID(a.name)+"Alarm"), options)
	}
}

func (r *Regional) alarmName(a alarm) string { return r.settings.Name + "-" + a.name }

// alarmActions returns this region's topic, because CloudWatch sends to no
// other.
func (r *Regional) alarmActions() *[]any {
	if r.settings.AlarmTopic == "" {
		return nil
	}
	return &[]any{r.arn("sns", r.place, r.settings.AlarmTopic)}
}
