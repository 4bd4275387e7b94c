package dashboard

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/dashboard"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var trailkeeper = clitest.Command(New)

type getFunc func(*cloudwatch.GetMetricDataInput) (*cloudwatch.GetMetricDataOutput, error)

func (f getFunc) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput,
	_ ...func(*cloudwatch.Options),
) (*cloudwatch.GetMetricDataOutput, error) {
	return f(in)
}

type listFunc func(*cloudwatch.ListMetricsInput) (*cloudwatch.ListMetricsOutput, error)

func (f listFunc) ListMetrics(_ context.Context, in *cloudwatch.ListMetricsInput,
	_ ...func(*cloudwatch.Options),
) (*cloudwatch.ListMetricsOutput, error) {
	return f(in)
}

// queuesNamed lists a metric for each queue, a page each.
func queuesNamed(names ...string) listFunc {
	return func(in *cloudwatch.ListMetricsInput) (*cloudwatch.ListMetricsOutput, error) {
		i := len(aws.ToString(in.NextToken))
		if i == len(names) {
			return &cloudwatch.ListMetricsOutput{}, nil
		}
		return &cloudwatch.ListMetricsOutput{NextToken: aws.String(strings.Repeat("x", i+1)), Metrics: []types.Metric{{
			Dimensions: []types.Dimension{{Name: aws.String("QueueName"), Value: aws.String(names[i])}},
		}}}, nil
	}
}

var (
	pageTo   = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	pageFrom = pageTo.Add(-24 * time.Hour)
)

func refusedWith(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message}
}

// TestMetricReader: every page of the answer is read, in any order, and every query names its metric in full.
func TestMetricReader(t *testing.T) {
	var asked []string
	get := getFunc(func(in *cloudwatch.GetMetricDataInput) (*cloudwatch.GetMetricDataOutput, error) {
		out := &cloudwatch.GetMetricDataOutput{}
		if in.NextToken == nil {
			out.NextToken = aws.String("more")
		}
		for _, q := range in.MetricDataQueries {
			m := q.MetricStat.Metric
			text := aws.ToString(m.Namespace) + " " + aws.ToString(m.MetricName) + " " + aws.ToString(q.MetricStat.Stat)
			for _, d := range m.Dimensions {
				text += " " + aws.ToString(d.Name) + "=" + aws.ToString(d.Value)
			}
			if !slices.Contains(asked, text) {
				asked = append(asked, text)
			}
			r := types.MetricDataResult{Id: q.Id, StatusCode: types.StatusCodePartialData}
			if aws.ToString(m.MetricName) == metric.Incidents {
				at, value := pageFrom.Add(time.Hour), 2.0
				if in.NextToken != nil {
					at, value = pageFrom, 1
				}
				r.Timestamps, r.Values = []time.Time{at}, []float64{value}
			}
			out.MetricDataResults = append(out.MetricDataResults, r)
		}
		return out, nil
	})
	r := reader{
		data:   get,
		stack:  "trailkeeper",
		origin: "here",
		queues: []string{"failures"},
		list: queuesNamed("trailkeeper-GuardFailures1-AB", "trailkeeper-prod-GuardFailures1-AB", "somebody-else",
			"failures", "trailkeeperX-1"),
	}
	d, err := r.read(t.Context(), pageFrom, pageTo)
	if err != nil {
		t.Fatal(err)
	}
	want := map[dashboard.Query]dashboard.Series{
		{Metric: metric.Incidents, Stat: dashboard.Sum}: {{At: pageFrom, Value: 1}, {At: pageFrom.Add(time.Hour), Value: 2}},
	}
	if diff := cmp.Diff(want, d.Series); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"failures", "trailkeeper-GuardFailures1-AB"}, d.Queues); diff != "" {
		t.Errorf("queues (-want +got):\n%s", diff)
	}
	if len(d.Notes) != 0 {
		t.Errorf("notes %q", d.Notes)
	}
	clitest.Golden(t, "queries.golden", strings.Join(slices.Sorted(slices.Values(asked)), "\n")+"\n")
}

// TestMetricReaderNotes: what could not be read is on the page, and the rest of the page is drawn.
func TestMetricReaderNotes(t *testing.T) {
	get := getFunc(func(in *cloudwatch.GetMetricDataInput) (*cloudwatch.GetMetricDataOutput, error) {
		return &cloudwatch.GetMetricDataOutput{MetricDataResults: []types.MetricDataResult{{
			Id:         in.MetricDataQueries[0].Id,
			StatusCode: types.StatusCodeInternalError,
			Messages:   []types.MessageData{{Code: aws.String("Oops"), Value: aws.String("try\nlater")}},
		}}}, nil
	})
	r := reader{
		data: get, stack: "trailkeeper",
		list: listFunc(func(*cloudwatch.ListMetricsInput) (*cloudwatch.ListMetricsOutput, error) {
			return nil, refusedWith("AccessDenied", "User: x is not authorized to perform: cloudwatch:ListMetrics")
		}),
	}
	d, err := r.read(t.Context(), pageFrom, pageTo)
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	showNotes(&shown, d.Notes)
	clitest.Golden(t, "notes.golden", shown.String())
	clitest.Narrow(t, shown.String(), cli.Columns)
}

// TestMetricReaderRefused: a call that is refused is one sentence, and no answer goes on for ever.
func TestMetricReaderRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		get  getFunc
		want string
	}{
		{"denied", func(*cloudwatch.GetMetricDataInput) (*cloudwatch.GetMetricDataOutput, error) {
			return nil, refusedWith("AccessDenied", "User: x is not authorized")
		}, "read the metrics of trailkeeper: the permission cloudwatch:GetMetricData is missing, or a policy denies it " +
			"(User: x is not authorized)"},
		{"network", func(*cloudwatch.GetMetricDataInput) (*cloudwatch.GetMetricDataOutput, error) {
			return nil, errors.New("dial tcp: no route")
		}, "read the metrics of trailkeeper: dial tcp: no route; check the network, the Region and the credentials"},
		{"endless", func(*cloudwatch.GetMetricDataInput) (*cloudwatch.GetMetricDataOutput, error) {
			return &cloudwatch.GetMetricDataOutput{NextToken: aws.String("more")}, nil
		}, "read the metrics of trailkeeper: CloudWatch's answer has more than 100 pages; ask for fewer --hours"},
	} {
		r := reader{data: tt.get, list: queuesNamed(), stack: "trailkeeper"}
		if _, err := r.read(t.Context(), pageFrom, pageTo); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

// TestDashboardSimulate: the page of the loopback cloud has the figures of the attacks, to standard output as well.
func TestDashboardSimulate(t *testing.T) {
	code, out, errs := trailkeeper("", "dashboard", "--simulate", "--out", "-")
	if code != cli.ExitOK || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, part := range []string{"<!doctype html>", "The loopback cloud: ", `<h2 id="trails">Trails</h2>`, "</html>"} {
		if !strings.Contains(out, part) {
			t.Errorf("the page has no %q", part)
		}
	}
	for _, missing := range []string{"No sweep reported the trails", "No incident and no attempt", "No delivery"} {
		if strings.Contains(out, missing) {
			t.Errorf("the page says %q", missing)
		}
	}
	// A trail that its scenario does not restore is named, and no time without a sweep is marked.
	for part, want := range map[string]bool{
		"Open now":                            true,
		"management (scenario trail-deleted)": true,
		"<td>mallory</td>":                    true,
		"no sweep reported":                   false,
	} {
		if strings.Contains(out, part) != want {
			t.Errorf("the page holds %q: %t, want %t", part, !want, want)
		}
	}
	// What the scenarios do is what the page says: so many restores, one test alert came through, and nothing
	// was lost.
	for label, want := range map[string]string{"Test alerts": "1", "Lost": "none reported"} {
		if got := factsOf(out)[label]; got != want {
			t.Errorf("%s: %q; want %s", label, got, want)
		}
	}
	for _, label := range []string{"Opened", "Contested", "Attempts", "Restored", "Parked", "Redriven", "Failed repairs"} {
		if n, err := strconv.Atoi(factsOf(out)[label]); err != nil || n == 0 {
			t.Errorf("%s: %q; want some", label, factsOf(out)[label])
		}
	}
}

// factsOf are the figures of the page's sections by their labels.
func factsOf(page string) map[string]string {
	facts := map[string]string{}
	shown := regexp.MustCompile(`<dt>([^<]*)</dt><dd><span class="value">([^<]*)<`)
	for _, m := range shown.FindAllStringSubmatch(page, -1) {
		facts[m[1]] = m[2]
	}
	return facts
}

// TestDashboardEndpoint: the page is drawn from a listening loopback cloud, with the SDK's own protocol.
func TestDashboardEndpoint(t *testing.T) {
	l := clitest.NewLoopback(t, New)
	park(t, l)
	code, out, errs := l.Run("dashboard", "--endpoint-url", l.Cloud.Endpoint(), "--stack", "trailkeeper", "--hours", "1",
		"--out", "page.html")
	if code != cli.ExitOK || errs != "" || out != "Wrote page.html: The state of the trails is not known\n"+
		"  What is open cannot be named: there is no table of a stack trailkeeper; name\n    it with --table\n" {
		t.Errorf("exit %d, %q, %q; want the page, and the note of a stack without a table", code, out, errs)
	}
	l.Want(cli.ExitUsage, "dashboard --endpoint-url "+l.Cloud.Endpoint()+" --out "+filepath.Join("page.html", "none"),
		"write "+filepath.Join("page.html", "none")+": ")
	page, err := os.ReadFile(filepath.Join(l.Dir, "page.html"))
	if err != nil || !strings.Contains(string(page), "The metrics at "+l.Cloud.Endpoint()) ||
		!strings.Contains(string(page), "trailkeeper-Failures") {
		t.Errorf("the page: %v; want it with the queue", err)
	}
}

// park puts a message into a queue of the cloud.
func park(t *testing.T, l *clitest.Loopback) {
	t.Helper()
	client := sqs.New(sqs.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(l.Cloud.Endpoint()), Credentials: aws.CredentialsProviderFunc(localKey),
	})
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String(l.Cloud.QueueURL("Failures")), MessageBody: aws.String("parked"),
	}); err != nil {
		t.Fatal(err)
	}
}

func TestDashboardUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"--hours", "0"}, "--hours is 0; want 1 to 720"},
		{[]string{"--hours", "721"}, "--hours is 721; want 1 to 720"},
		{[]string{"--stack", "my_stack"}, `--stack is "my_stack"; want the name of a stack`},
		{[]string{"--stack", "1st"}, `--stack is "1st"; want the name of a stack`},
		{[]string{"--stack", ""}, `--stack is ""; want the name of a stack`},
		{[]string{"--queue", "a b"}, `--queue is "a b"; want the name of an SQS queue`},
		{[]string{"--region", "moon"}, `--region is "moon"; want a Region`},
		{[]string{"--endpoint-url", "127.0.0.1:4566"}, "--endpoint-url is no URL; want one such as http://127.0.0.1:4566"},
		{[]string{"--endpoint-url", "http://me:secret@127.0.0.1:4566"}, "--endpoint-url is no URL"},
		{[]string{"--out", ""}, "--out is empty; want a file, or - for standard output"},
		{[]string{"--simulate", "--hours", "3"}, "--hours and --simulate cannot be given together"},
		{[]string{"page.html"}, `takes no arguments, and "page.html" is one`},
	} {
		code, out, errs := trailkeeper("", append([]string{"dashboard"}, tt.args...)...)
		if code != cli.ExitUsage || out != "" || !strings.Contains(errs, tt.says) || strings.Contains(errs, "secret") {
			t.Errorf("%q: exit %d, %q on stdout, %q on stderr; want 2 and %q", tt.args, code, out, errs, tt.says)
		}
	}
}

func TestHelp(t *testing.T) { clitest.Help(t, trailkeeper, "help.golden", "dashboard", "--help") }
