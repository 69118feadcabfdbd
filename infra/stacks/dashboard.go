package stacks

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/operations"
)

// The size of a graph on a dashboard, which is 24 units wide.
const (
	graphWidth  = 8
	graphHeight = 6
)

// graph is a chart with a line for each metric.
type graph struct {
	title string
	lines []line
}

// line is a metric, or an expression over hidden metrics.
type line struct {
	label      string
	metric     metric
	expression string
	hidden     string // the metric's name in expressions
}

// graphs returns the graphs of a region's dashboard, three in a row.
func (r *Regional) graphs() []graph {
	authorizer := operations.Authorizer.Name
	latency := func(of func(statistic string) metric) []line {
		return []line{{label: "half", metric: of("p50")}, {label: "99 in 100", metric: of("p99")}}
	}
	own := func(name string) func(string) metric {
		return func(statistic string) metric { return r.own(name, statistic) }
	}
	all := []graph{
		{"Decisions", []line{
			{label: "allowed", metric: r.own("Allowed", sum)}, {label: "refused", metric: r.own("Refusals", sum)}, {label: "failed", metric: r.failed()},
			{label: "crashed", metric: r.logged(crashes)},
		}},
		{"Refusals, by reason", []line{{expression: fmt.Sprintf(`SEARCH('{Keyward,FunctionName} FunctionName="%s-%s" MetricName=Refused', 'Sum')`, r.settings.Name, authorizer)}}},
		{"Records found in memory, in %", []line{
			{label: "found", expression: "100*hits/(hits+FILL(misses,0))"},
			{hidden: "hits", metric: r.own("CacheHits", sum)}, {hidden: "misses", metric: r.own("CacheMisses", sum)},
		}},
		{"Time of the authorizer, in ms", latency(func(s string) metric { return r.ofFunction(authorizer, "Duration", s) })},
		{"Time of DynamoDB, as the authorizer sees it, in µs", latency(own("DynamoDBLatency"))},
		{"Time of KMS, as the authorizer sees it, in µs", latency(own("KMSLatency"))},
		{"Management API", []line{
			{label: "requests", metric: r.ofAPI("Count")}, {label: "4xx", metric: r.ofAPI("4XXError")}, {label: "5xx", metric: r.ofAPI("5XXError")},
		}},
		{"Throttles", []line{
			{label: "authorizer", metric: r.ofFunction(authorizer, "Throttles", sum)},
			{label: "reads", metric: r.ofTable("ReadThrottleEvents", sum)}, {label: "changes", metric: r.ofTable("WriteThrottleEvents", sum)},
		}},
	}
	if streamed := r.streamed(); len(streamed) > 0 {
		late := graph{title: "Age of the last change that a function got, in ms"}
		for _, op := range streamed {
			late.lines = append(late.lines, line{label: op.Name, metric: r.ofFunction(op.Name, "IteratorAge", "Maximum")})
		}
		all = append(all, late)
	}
	if readers := r.readers(); len(readers) > 0 {
		replication := graph{title: "Time until changes are elsewhere, in ms"}
		for _, region := range readers {
			replication.lines = append(replication.lines, line{label: region, metric: r.ofTable("ReplicationLatency", "Average").by("ReceivingRegion", region)})
		}
		all = append(all, replication)
	}
	return all
}

// addDashboard adds the region's dashboard if the settings ask for it:
// CloudWatch charges for more than three dashboards.
func (r *Regional) addDashboard() {
	if !r.settings.Dashboard {
		return
	}
	var widgets []any
	for i, g := range r.graphs() {
		widgets = append(widgets, map[string]any{
			"type": "metric", "width": graphWidth, "height": graphHeight,
			"x": i * graphWidth % 24, "y": i * graphWidth / 24 * graphHeight,
			"properties": map[string]any{
				"title": g.title, "region": r.named(r.place), "period": 60, "metrics": g.metrics(),
				"yAxis": map[string]any{"left": map[string]any{"min": 0}},
			},
		})
	}
	body, err := json.Marshal(map[string]any{"widgets": widgets})
	if err != nil {
		panic(err) // only texts and numbers
	}
	awscloudwatch.NewCfnDashboard(r.Stack, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: jsii.String(r.settings.Name + "-" + r.named(r.place)),
		DashboardBody: jsii.String(string(body)),
	})
}

// metrics returns the lines in the format of a dashboard's body.
func (g graph) metrics() [][]any {
	var all [][]any
	for _, l := range g.lines {
		if l.expression != "" {
			all = append(all, []any{map[string]any{"expression": l.expression, "label": l.label}})
			continue
		}
		one := []any{l.metric.namespace, l.metric.name}
		for _, d := range l.metric.dimensions {
			one = append(one, d.name, d.value)
		}
		options := map[string]any{"stat": l.metric.statistic, "label": l.label}
		if l.hidden != "" {
			options = map[string]any{"stat": l.metric.statistic, "id": l.hidden, "visible": false}
		}
		all = append(all, append(one, options))
	}
	return all
}
