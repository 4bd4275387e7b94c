package localcloud

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// embed writes a line of the embedded metric format as a function does.
func embed(ctx context.Context, env FunctionEnv, level slog.Level, name string, value any) {
	attr := func(key string,
		value any,
	) slog.Attr {
		return slog.Attr{Key: key, Value: slog.AnyValue(value)}
	} // CloudWatch's names are no log keys
	env.Log.LogAttrs(ctx, level, "metrics", attr(name, value), attr("Stack", "s"), attr("Channel", "slack"),
		attr("_aws", map[string]any{
			"Timestamp": env.Clock.Now().UnixMilli(), "CloudWatchMetrics": []any{map[string]any{
				"Namespace": "Trailkeeper", "Dimensions": [][]string{{"Stack"}, {"Stack", "Channel"}},
				"Metrics": []map[string]string{{"Name": name, "Unit": "Count"}},
			}},
		}))
}

// logging sets the function's log level in the template.
func logging(t *testing.T, level string) func(*Options) {
	t.Helper()
	return edit(t, `"Timeout": 60,`,
		`"Timeout": 60, "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "`+level+`"},`)
}

// Lambda drops a line below the function's level, and with it its metrics.
func TestMetricsSurviveLambdasFilter(t *testing.T) {
	for i, set := range []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"} {
		c := newCloud(t, nil, logging(t, set))
		asFunction(t, c, func(ctx context.Context, _ aws.Config, env FunctionEnv) {
			embed(ctx, env, slog.LevelError, "Heartbeat", 1)
		})
		if kept := len(c.Metrics()) == 2; kept != (i <= 4) || (len(c.Log()) > 0) != kept {
			t.Errorf("%s: an ERROR line is kept: %t", set, kept)
		}
	}
}

func TestEmbeddedMetrics(t *testing.T) {
	c := newCloud(t, nil)
	asFunction(t, c, func(ctx context.Context, _ aws.Config, env FunctionEnv) {
		embed(ctx, env, slog.LevelError, "Deliveries", 2)
		embed(ctx, env, slog.LevelError, "Deliveries", []int{3, 4})
		embed(ctx, env, slog.LevelError, "Deliveries", "text")
	})
	all := c.Metrics()
	if len(all) != 2 || all[0].Sum() != 9 || all[0].Dimensions["Channel"] != "slack" || len(all[1].Dimensions) != 1 ||
		all[0].Unit != "Count" || !all[0].Points[0].At.Equal(Start) {
		t.Errorf("metrics %+v", all)
	}
	if notes := of(c, KindNote); len(notes) != 1 ||
		!strings.Contains(notes[0].Text, "the metric Deliveries has no number at the root") {
		t.Errorf("notes %+v", notes)
	}
}

func TestGetMetricData(t *testing.T) {
	c := newCloud(t, nil)
	for i := range 4 {
		asFunction(t, c, func(ctx context.Context, _ aws.Config, env FunctionEnv) {
			embed(ctx, env, slog.LevelError, "TimeToRestore", 100*(i+1))
		})
		c.Pass(30 * time.Second)
	}
	client := cloudwatch.NewFromConfig(awsConfig(c, region, "operator"))
	query := func(id, stat string) cwtypes.MetricDataQuery {
		return cwtypes.MetricDataQuery{Id: &id, MetricStat: &cwtypes.MetricStat{
			Period: aws.Int32(60), Stat: &stat, Metric: &cwtypes.Metric{
				Namespace: aws.String(
					"Trailkeeper",
				),
				MetricName: aws.String("TimeToRestore"),
				Dimensions: []cwtypes.Dimension{{Name: aws.String("Stack"), Value: aws.String("s")}},
			},
		}}
	}
	out, err := client.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime:         aws.Time(Start),
		EndTime:           aws.Time(Start.Add(time.Hour)),
		ScanBy:            cwtypes.ScanByTimestampAscending,
		MetricDataQueries: []cwtypes.MetricDataQuery{query("sum", "Sum"), query("half", "p50")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(out.MetricDataResults[0].Values, out.MetricDataResults[1].Values)
	if got != "[300 700] [150 350]" || !out.MetricDataResults[0].Timestamps[1].Equal(Start.Add(time.Minute)) ||
		out.MetricDataResults[0].StatusCode != "Complete" {
		t.Errorf("got %s at %v", got, out.MetricDataResults[0].Timestamps)
	}
	asFunction(t, c, func(ctx context.Context, cfg aws.Config, _ FunctionEnv) {
		if _, err := cloudwatch.NewFromConfig(cfg).GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(
				Start,
			),
			EndTime:           aws.Time(Start.Add(time.Hour)),
			MetricDataQueries: []cwtypes.MetricDataQuery{query("sum", "Sum")},
		}); code(err) != "AccessDeniedException" {
			t.Errorf("without a grant: %v", err)
		}
	})
}

func TestListMetrics(t *testing.T) {
	c := newCloud(t, nil)
	asFunction(t, c, func(ctx context.Context, _ aws.Config, env FunctionEnv) {
		embed(ctx, env, slog.LevelError, "Deliveries", 2)
	})
	for i := range 500 { // more than a page
		c.Measure(kernel.Sample{
			Site:      c.home(),
			Namespace: "Many",
			Name:      fmt.Sprintf("m%03d", i),
			Value:     1,
		})
	}
	client := cloudwatch.NewFromConfig(awsConfig(c, region, "operator"))
	var next *string
	list := func(in *cloudwatch.ListMetricsInput) string {
		t.Helper()
		out, err := client.ListMetrics(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, m := range out.Metrics {
			name := *m.Namespace + " " + *m.MetricName
			for _, d := range m.Dimensions {
				name += " " + *d.Name + "=" + *d.Value
			}
			names = append(names, name)
		}
		more := ""
		if out.NextToken != nil {
			more, next = "and more", out.NextToken
		}
		return fmt.Sprint(len(names), " ", strings.Join(names[max(0, len(names)-2):], ", "), " ", more)
	}
	for want, in := range map[string]*cloudwatch.ListMetricsInput{
		"2 Trailkeeper Deliveries Stack=s Channel=slack, Trailkeeper Deliveries Stack=s ": {
			Namespace: aws.String("Trailkeeper"),
		},
		"1 Trailkeeper Deliveries Stack=s Channel=slack ": {
			Dimensions: []cwtypes.DimensionFilter{{Name: aws.String("Channel")}},
		},
		"0  ": {
			MetricName: aws.String("Deliveries"),
			Dimensions: []cwtypes.DimensionFilter{{Name: aws.String("Stack"), Value: aws.String("t")}},
		},
		"500 Many m498, Many m499 and more": {},
	} {
		if got := list(in); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := list(&cloudwatch.ListMetricsInput{NextToken: next}); !strings.HasPrefix(got, "2 Trailkeeper") {
		t.Errorf("the second page has %s", got)
	}
}

// TestPutMetricData takes what the operator's command counts, compressed or not, and nothing of a request that it
// refuses.
func TestPutMetricData(t *testing.T) {
	c := newCloud(t, nil)
	for _, least := range []int64{0, 10240} {
		api := cloudwatch.NewFromConfig(awsConfig(c, region, "operator"),
			func(o *cloudwatch.Options) { o.RequestMinCompressSizeBytes = least })
		datum := func(name string) cwtypes.MetricDatum {
			return cwtypes.MetricDatum{
				MetricName: aws.String(name), Value: aws.Float64(1), Dimensions: []cwtypes.Dimension{{
					Name:  aws.String("Stack"),
					Value: aws.String("trailkeeper"),
				}},
			}
		}
		put := func(data ...cwtypes.MetricDatum) error {
			_, err := api.PutMetricData(t.Context(),
				&cloudwatch.PutMetricDataInput{Namespace: aws.String("Trailkeeper"), MetricData: data})
			return err
		}
		if err := put(datum("TestAlertsSent")); err != nil {
			t.Error(err)
		}
		if err := put(datum("TestAlertsSent"), datum("")); err == nil {
			t.Error("a metric without a name is taken")
		}
	}
	values := 0
	for _, m := range c.Metrics() {
		if m.Name == "TestAlertsSent" && m.Dimensions["Stack"] == "trailkeeper" {
			values += len(m.Points)
		}
	}
	if values != 2 {
		t.Errorf("%d values; want 2", values)
	}
}
