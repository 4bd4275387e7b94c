package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/dashboard"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

const (
	maxQueries = 500 // of one call (CloudWatch API Reference, GetMetricData)
	maxPages   = 100 // of one answer
	maxQueues  = 40  // on a page
)

type getMetricDataAPI interface {
	GetMetricData(
		context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options),
	) (*cloudwatch.GetMetricDataOutput, error)
}

type listMetricsAPI interface {
	ListMetrics(
		context.Context, *cloudwatch.ListMetricsInput, ...func(*cloudwatch.Options),
	) (*cloudwatch.ListMetricsOutput, error)
}

// reader reads a deployment's metrics from CloudWatch.
type reader struct {
	data          getMetricDataAPI
	list          listMetricsAPI
	stack, origin string
	queues        []string // beside those that it finds
}

// read reads the figures of a time. What it cannot find out of the queues is a note of the page.
func (r reader) read(ctx context.Context, from, to time.Time) (dashboard.Data, error) {
	d := dashboard.Data{
		Stack:  r.stack,
		Origin: r.origin,
		From:   from,
		To:     to,
		Series: make(map[dashboard.Query]dashboard.Series),
	}
	queues, err := r.findQueues(ctx)
	if err != nil {
		d.Notes = append(d.Notes, "Queues may be missing here: "+err.Error()+". Name them with --queue.")
	}
	d.Queues = slices.Compact(slices.Sorted(slices.Values(slices.Concat(r.queues, queues))))
	if len(d.Queues) > maxQueues {
		d.Notes = append(d.Notes,
			fmt.Sprintf("There are %d queues, and only the first %d are shown.", len(d.Queues), maxQueues))
		d.Queues = d.Queues[:maxQueues]
	}
	for _, span := range []dashboard.Span{dashboard.Bars, dashboard.Now, dashboard.All} {
		queries := slices.DeleteFunc(dashboard.Queries(d.Queues), func(q dashboard.Query) bool { return q.Span != span })
		for chunk := range slices.Chunk(queries, maxQueries) {
			if err := r.ask(ctx, chunk, &d); err != nil {
				return dashboard.Data{}, err
			}
		}
	}
	d.Notes = slices.Compact(d.Notes)
	if len(d.Series) == 0 {
		d.Notes = append(d.Notes,
			"CloudWatch has no metric of a stack "+r.stack+" in this time. Check --stack, --region and --profile.")
	}
	return d, nil
}

// ask reads the answers to queries of one span, page by page.
func (r reader) ask(ctx context.Context, queries []dashboard.Query, d *dashboard.Data) error {
	start, end, period := queries[0].Span.Times(d.From, d.To)
	in := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(start),
		EndTime:   aws.Time(end),
		ScanBy:    types.ScanByTimestampAscending,
	}
	byID := make(map[string]dashboard.Query)
	for i, q := range queries {
		id := fmt.Sprintf("q%d", i)
		byID[id] = q
		stat := &types.MetricStat{
			Metric: r.metric(q), Stat: aws.String(q.Stat), Period: aws.Int32(int32(period / time.Second)),
		}
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: aws.String(id), MetricStat: stat})
	}
	for range maxPages {
		out, err := r.data.GetMetricData(ctx, in)
		if err != nil {
			return cli.Explain("read the metrics of "+r.stack, "cloudwatch:GetMetricData", err, nil)
		}
		d.Notes = append(d.Notes, messages(out.Messages)...)
		for _, result := range out.MetricDataResults {
			if q, ok := byID[aws.ToString(result.Id)]; ok {
				d.Series[q] = append(d.Series[q], points(result)...)
				d.Notes = append(d.Notes, faults(q, result)...)
			}
		}
		if aws.ToString(out.NextToken) == "" {
			finish(d)
			return nil
		}
		in.NextToken = out.NextToken
	}
	return fmt.Errorf("read the metrics of %s: CloudWatch's answer has more than %d pages; ask for fewer --hours",
		r.stack, maxPages)
}

// metric is what CloudWatch calls the metric of a query.
func (r reader) metric(q dashboard.Query) *types.Metric {
	m := &types.Metric{Namespace: aws.String(metric.Namespace), MetricName: aws.String(q.Metric)}
	add := func(name, value string) {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: aws.String(name), Value: aws.String(value)})
	}
	if q.Queue != "" {
		m.Namespace = aws.String(dashboard.QueueNamespace)
		add("QueueName", q.Queue)
		return m
	}
	add(metric.DimensionStack, r.stack)
	if q.Channel != "" {
		add(metric.DimensionChannel, q.Channel)
	}
	if q.Reason != "" {
		add(metric.DimensionReason, q.Reason)
	}
	return m
}

// points are those of one page of one answer.
func points(r types.MetricDataResult) dashboard.Series {
	var s dashboard.Series
	for i := range min(len(r.Timestamps), len(r.Values)) {
		s = append(s, dashboard.Point{At: r.Timestamps[i].UTC(), Value: r.Values[i]})
	}
	return s
}

// faults are what CloudWatch says of an answer that is not whole. That more pages follow is none.
func faults(q dashboard.Query, r types.MetricDataResult) []string {
	if r.StatusCode != types.StatusCodeInternalError && r.StatusCode != types.StatusCodeForbidden {
		return nil
	}
	text := q.Metric + ": CloudWatch could not read it (" + string(r.StatusCode) + ")."
	return []string{strings.Join(append([]string{text}, messages(r.Messages)...), " ")}
}

func messages(list []types.MessageData) []string {
	var texts []string
	for _, m := range list {
		texts = append(texts, "CloudWatch says: "+sanitize.Bound(cmp.Or(aws.ToString(m.Value), aws.ToString(m.Code)), 300))
	}
	return texts
}

// finish puts every series in order and drops what is empty.
func finish(d *dashboard.Data) {
	for q, s := range d.Series {
		if len(s) == 0 {
			delete(d.Series, q)
			continue
		}
		slices.SortFunc(s, func(a, b dashboard.Point) int { return a.At.Compare(b.At) })
	}
}

// findQueues finds the stack's own queues by their names, which CloudFormation makes of the stack's name, the logical
// ID and a suffix.
func (r reader) findQueues(ctx context.Context) ([]string, error) {
	in := &cloudwatch.ListMetricsInput{
		Namespace: aws.String(dashboard.QueueNamespace), MetricName: aws.String(dashboard.QueueDepth),
	}
	var found []string
	for range maxPages {
		out, err := r.list.ListMetrics(ctx, in)
		if err != nil {
			return found, cli.Explain("find the queues of "+r.stack, "cloudwatch:ListMetrics", err, nil)
		}
		for _, m := range out.Metrics {
			for _, d := range m.Dimensions {
				rest, own := strings.CutPrefix(aws.ToString(d.Value), r.stack+"-")
				own = own && strings.Count(rest, "-") == 1 // or it is of a stack with a longer name
				if own && aws.ToString(d.Name) == "QueueName" {
					found = append(found, r.stack+"-"+rest)
				}
			}
		}
		if aws.ToString(out.NextToken) == "" {
			return found, nil
		}
		in.NextToken = out.NextToken
	}
	return found, fmt.Errorf("find the queues of %s: there are too many queues in this Region to look through", r.stack)
}
