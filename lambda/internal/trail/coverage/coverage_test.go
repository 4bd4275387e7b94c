package coverage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"trailkeeper/lambda/config/baseline"

	"github.com/google/go-cmp/cmp"
)

const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

func basic(selectors ...baseline.Selector) baseline.State {
	return baseline.State{ARN: arn, Selectors: selectors}
}

func advanced(selectors ...[]baseline.FieldSelector) baseline.State {
	s := baseline.State{ARN: arn}
	for _, fields := range selectors {
		s.Advanced = append(s.Advanced, baseline.AdvancedSelector{Fields: fields})
	}
	return s
}

func eq(field string, values ...string) baseline.FieldSelector {
	return baseline.FieldSelector{Field: field, Equals: values}
}

func ne(field string, values ...string) baseline.FieldSelector {
	return baseline.FieldSelector{Field: field, NotEquals: values}
}

func starts(field string, values ...string) baseline.FieldSelector {
	return baseline.FieldSelector{Field: field, StartsWith: values}
}

func management(fields ...baseline.FieldSelector) []baseline.FieldSelector {
	return append([]baseline.FieldSelector{eq("eventCategory", "Management")}, fields...)
}

func data(resource string, fields ...baseline.FieldSelector) []baseline.FieldSelector {
	return append([]baseline.FieldSelector{eq("eventCategory", "Data"), eq("resources.type", resource)}, fields...)
}

func s3(values ...string) []baseline.DataResource {
	return []baseline.DataResource{{Type: "AWS::S3::Object", Values: values}}
}

const (
	kms      = "kms.amazonaws.com"
	rdsdata  = "rdsdata.amazonaws.com"
	object   = "AWS::S3::Object"
	function = "AWS::Lambda::Function"
	table    = "AWS::DynamoDB::Table"
	mallory  = "arn:aws:iam::111122223333:user/mallory"
)

// all is a trail as it is made.
var all = basic(baseline.Selector{ReadWrite: "All", Management: true})

// comparisons are read both ways: what the first has and the second has not, and the reverse.
var comparisons = []struct {
	name         string
	a, b         baseline.State
	lost, gained []string
}{
	{"no selectors", baseline.State{}, all, nil, nil},
	{
		"no selectors, halves",
		baseline.State{},
		basic(
			baseline.Selector{ReadWrite: "ReadOnly", Management: true},
			baseline.Selector{ReadWrite: "WriteOnly", Management: true},
		),
		nil,
		nil,
	},
	{"no type is All", all, basic(baseline.Selector{Management: true}), nil, nil},
	{
		"order and duplicates",
		basic(
			baseline.Selector{ReadWrite: "All", Management: true, ExcludeSources: []string{kms, rdsdata}},
			baseline.Selector{ReadWrite: "All", DataResources: s3("arn:aws:s3:::a/", "arn:aws:s3:::b/")},
		),
		basic(
			baseline.Selector{
				ReadWrite:     "All",
				DataResources: s3("arn:aws:s3:::b/", "arn:aws:s3:::a/", "arn:aws:s3:::b/", "arn:aws:s3:::b/deeper"),
			},
			baseline.Selector{ReadWrite: "All", Management: true, ExcludeSources: []string{rdsdata, kms, rdsdata}},
			baseline.Selector{ReadWrite: "ReadOnly", Management: true, ExcludeSources: []string{rdsdata, kms}},
		),
		nil,
		nil,
	},
	{
		"name",
		baseline.State{Advanced: []baseline.AdvancedSelector{{Name: "x", Fields: management()}}},
		baseline.State{Advanced: []baseline.AdvancedSelector{{Name: "y", Fields: management()}}},
		nil,
		nil,
	},

	// Management events.
	{"advanced for basic", all, advanced(management()), nil, nil},
	{"advanced halves", all, advanced(management(eq("readOnly", "true")), management(eq("readOnly", "false"))), nil, nil},
	{
		"half-blind",
		all,
		basic(baseline.Selector{ReadWrite: "ReadOnly", Management: true}),
		[]string{"write management events"},
		nil,
	},
	{
		"write only",
		all,
		basic(baseline.Selector{ReadWrite: "WriteOnly", Management: true}),
		[]string{"read management events"},
		nil,
	},
	{"half-blind, advanced", all, advanced(management(eq("readOnly", "true"))), []string{"write management events"}, nil},
	{
		"read only against write only",
		basic(baseline.Selector{ReadWrite: "ReadOnly", Management: true}),
		advanced(management(eq("readOnly", "false"))),
		[]string{"read management events"},
		[]string{"write management events"},
	},
	{
		"excluded",
		all,
		basic(baseline.Selector{ReadWrite: "All", Management: true, ExcludeSources: []string{kms}}),
		[]string{"management events of kms.amazonaws.com"},
		nil,
	},
	{
		"excluded, advanced",
		all,
		advanced(management(ne("eventSource", kms, rdsdata))),
		[]string{"management events of kms.amazonaws.com or rdsdata.amazonaws.com"},
		nil,
	},
	{
		"excluded, basic and advanced",
		basic(baseline.Selector{Management: true, ExcludeSources: []string{kms, rdsdata}}),
		advanced(management(ne("eventSource", rdsdata, kms))),
		nil,
		nil,
	},
	{
		"one more excluded",
		basic(baseline.Selector{Management: true, ExcludeSources: []string{kms}}),
		basic(baseline.Selector{Management: true, ExcludeSources: []string{rdsdata, kms}}),
		[]string{"management events of rdsdata.amazonaws.com"},
		nil,
	},
	{
		"each excludes another",
		basic(baseline.Selector{Management: true, ExcludeSources: []string{kms}}),
		basic(baseline.Selector{Management: true, ExcludeSources: []string{rdsdata}}),
		[]string{"management events of rdsdata.amazonaws.com"},
		[]string{"management events of kms.amazonaws.com"},
	},
	{
		"a union excludes nothing",
		all,
		basic(
			baseline.Selector{Management: true, ExcludeSources: []string{kms}},
			baseline.Selector{Management: true, ExcludeSources: []string{rdsdata}},
		),
		nil,
		nil,
	},
	{
		"excluded, the reads are kept",
		all,
		basic(
			baseline.Selector{Management: true, ExcludeSources: []string{kms}},
			baseline.Selector{ReadWrite: "ReadOnly", Management: true},
		),
		[]string{"write management events of kms.amazonaws.com"},
		nil,
	},
	{
		"only one source",
		all,
		advanced(management(eq("eventSource", kms))),
		[]string{"management events other than those of kms.amazonaws.com"},
		nil,
	},
	{
		"half-blind and excluded",
		all,
		basic(baseline.Selector{ReadWrite: "ReadOnly", Management: true, ExcludeSources: []string{kms}}),
		[]string{"write management events", "read management events of kms.amazonaws.com"},
		nil,
	},
	{
		"off",
		all,
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::a/")}),
		[]string{"management events"},
		[]string{"data events of AWS::S3::Object below arn:aws:s3:::a/"},
	},
	{
		"off, advanced",
		all,
		advanced(data(function)),
		[]string{"management events"},
		[]string{"data events of AWS::Lambda::Function"},
	},
	{"all off", all, basic(baseline.Selector{ReadWrite: "All"}), []string{"management events"}, nil},
	{
		"a data-only selector beside it",
		all,
		basic(
			baseline.Selector{Management: true},
			baseline.Selector{ReadWrite: "WriteOnly", DataResources: s3("arn:aws:s3")},
		),
		nil,
		[]string{"write data events of AWS::S3::Object"},
	},
	{
		"a category of tomorrow",
		advanced(management(), []baseline.FieldSelector{eq("eventCategory", "Dream")}),
		all,
		[]string{"events of the category Dream"},
		nil,
	},
	{"a category by its start", all, advanced([]baseline.FieldSelector{starts("eventCategory", "Man")}), nil, nil},
	{
		"a half by its end",
		all,
		advanced(management(baseline.FieldSelector{Field: "readOnly", EndsWith: []string{"ue"}})),
		[]string{"write management events"},
		nil,
	},
	{"a half that is not", all, advanced(management(ne("readOnly", "true"))), []string{"read management events"}, nil},
	{
		"a type of tomorrow",
		basic(baseline.Selector{ReadWrite: "Odd", Management: true}),
		all,
		nil,
		[]string{"management events"},
	},

	// Data events.
	{
		"all buckets",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3")}),
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::")}),
		nil,
		nil,
	},
	{"all buckets, advanced", basic(baseline.Selector{DataResources: s3("arn:aws:s3")}), advanced(data(object)), nil, nil},
	{
		"all buckets, advanced by prefix",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3")}),
		advanced(data(object, starts("resources.ARN", "arn:aws:s3:::"))),
		nil,
		nil,
	},
	{
		"all buckets of another partition",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3")}),
		basic(baseline.Selector{DataResources: s3("arn:aws-cn:s3")}),
		[]string{"data events of AWS::S3::Object other than those below arn:aws-cn:s3"},
		nil,
	},
	{
		"near miss of all buckets",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3")}),
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::a")}),
		[]string{"data events of AWS::S3::Object other than those below arn:aws:s3:::a"},
		nil,
	},
	{
		"a bucket, advanced",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::a/")}),
		advanced(data(object, starts("resources.ARN", "arn:aws:s3:::a/"))),
		nil,
		nil,
	},
	{
		"a bucket, equals is narrower",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::a/")}),
		advanced(data(object, eq("resources.ARN", "arn:aws:s3:::a/"))),
		[]string{"data events of AWS::S3::Object below arn:aws:s3:::a/ other than those on arn:aws:s3:::a/"},
		nil,
	},
	{
		"a narrower prefix",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::a/")}),
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::a/logs")}),
		[]string{"data events of AWS::S3::Object below arn:aws:s3:::a/ other than those below arn:aws:s3:::a/logs"},
		nil,
	},
	{
		"a bucket less",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::a/", "arn:aws:s3:::bucket/")}),
		basic(baseline.Selector{DataResources: s3("arn:aws:s3:::a/")}),
		[]string{"data events of AWS::S3::Object below arn:aws:s3:::bucket/"},
		nil,
	},
	{
		"half the data events",
		basic(baseline.Selector{DataResources: s3("arn:aws:s3")}),
		basic(baseline.Selector{ReadWrite: "WriteOnly", DataResources: s3("arn:aws:s3")}),
		[]string{"read data events of AWS::S3::Object"},
		nil,
	},
	{"no values", basic(baseline.Selector{Management: true, DataResources: s3()}), all, nil, nil},
	{
		"all functions and tables, advanced",
		basic(
			baseline.Selector{
				DataResources: []baseline.DataResource{
					{Type: function, Values: []string{"arn:aws:lambda"}},
					{Type: table, Values: []string{"arn:aws:dynamodb"}},
				},
			},
		),
		advanced(data(table), data(function)),
		nil,
		nil,
	},
	{
		"a function is exact",
		basic(
			baseline.Selector{
				DataResources: []baseline.DataResource{
					{Type: function, Values: []string{"arn:aws:lambda:eu-west-1:111122223333:function:f"}},
				},
			},
		),
		advanced(data(function, eq("resources.ARN", "arn:aws:lambda:eu-west-1:111122223333:function:f"))),
		nil,
		nil,
	},
	{
		"a function is no prefix",
		basic(
			baseline.Selector{
				DataResources: []baseline.DataResource{
					{Type: function, Values: []string{"arn:aws:lambda:eu-west-1:111122223333:function:f"}},
				},
			},
		),
		advanced(data(function, starts("resources.ARN", "arn:aws:lambda:eu-west-1:111122223333:function:f"))),
		nil,
		[]string{
			"data events of AWS::Lambda::Function below arn:aws:lambda:eu-west-1:111122223333:function:f other than those on " +
				"arn:aws:lambda:eu-west-1:111122223333:function:f",
		},
	},
	{
		"other types",
		advanced(data(object), data(function)),
		advanced(data(function)),
		[]string{"data events of AWS::S3::Object"},
		nil,
	},
	{
		"types as one",
		advanced(data(object), data(function)),
		all,
		[]string{"data events of AWS::Lambda::Function or AWS::S3::Object"},
		[]string{"management events"},
	},
	{
		"without the attacker",
		advanced(data(object)),
		advanced(data(object, ne("userIdentity.arn", mallory))),
		[]string{"data events of AWS::S3::Object by principal " + mallory},
		nil,
	},
	{
		"without the console",
		advanced(data(object)),
		advanced(data(object, ne("sessionCredentialFromConsole", "true"))),
		[]string{"data events of AWS::S3::Object from console sessions"},
		nil,
	},
	{
		"only the console",
		advanced(data(object)),
		advanced(data(object, eq("sessionCredentialFromConsole", "true"))),
		[]string{"data events of AWS::S3::Object other than those from console sessions"},
		nil,
	},
	{
		"console and not",
		advanced(data(object)),
		advanced(
			data(object, eq("sessionCredentialFromConsole", "true")),
			data(object, ne("sessionCredentialFromConsole", "true")),
		),
		nil,
		nil,
	},
	{
		"names left out",
		advanced(data(object)),
		advanced(
			data(
				object,
				baseline.FieldSelector{Field: "eventName", NotEquals: []string{"GetObject"}, NotStartsWith: []string{"Delete"}},
			),
		),
		[]string{"data events of AWS::S3::Object named GetObject or with names that start with Delete"},
		nil,
	},
	{
		"names left out twice",
		advanced(data(object, ne("eventName", "GetObject", "PutObject"))),
		advanced(data(object, ne("eventName", "PutObject")), data(object, ne("eventName", "GetObject"))),
		nil,
		[]string{"data events of AWS::S3::Object named GetObject or PutObject"},
	},
	{
		"a prefix under a prefix",
		advanced(data(object, starts("eventName", "Get", "GetObject"))),
		advanced(data(object, starts("eventName", "Get"))),
		nil,
		nil,
	},
	{
		"starts or ends",
		advanced(
			data(object, baseline.FieldSelector{Field: "eventName", StartsWith: []string{"Get"}, EndsWith: []string{"Object"}}),
		),
		advanced(
			data(object, starts("eventName", "Get")),
			data(object, baseline.FieldSelector{Field: "eventName", EndsWith: []string{"Object"}}),
		),
		nil,
		nil,
	},
	{
		"one field twice",
		advanced(
			data(object, starts("eventName", "Get"), baseline.FieldSelector{Field: "eventName", EndsWith: []string{"Tags"}}),
		),
		advanced(data(object, starts("eventName", "Get"))),
		nil,
		[]string{
			"data events of AWS::S3::Object with names that start with Get other than those with names that start with Get…Tags",
		},
	},
	{
		"a field that is not known",
		advanced(data(object, eq("moonPhase", "full"))),
		advanced(data(object)),
		nil,
		[]string{"data events of AWS::S3::Object other than those with moonPhase full"},
	},
	{
		"an operator that is not known",
		advanced(data(object, eq("eventName"), eq("eventType"))),
		advanced(data(object)),
		nil,
		[]string{
			"data events of AWS::S3::Object other than those with an unknown condition on eventName",
			"data events of AWS::S3::Object with an unknown condition on eventName other than those with an unknown condition " +
				"on eventType",
		},
	},
	{
		"what nothing fulfils",
		advanced(
			management(),
			data(
				object,
				baseline.FieldSelector{Field: "eventName", Equals: []string{"GetObject"}, NotStartsWith: []string{"Get"}},
			),
		),
		all,
		nil,
		nil,
	},
	{
		"network activity",
		advanced([]baseline.FieldSelector{eq("eventCategory", "NetworkActivity"), eq("eventSource", kms)}),
		advanced(
			[]baseline.FieldSelector{
				eq("eventCategory", "NetworkActivity"),
				eq("eventSource", kms),
				ne("vpcEndpointId", "vpce-1"),
			},
		),
		[]string{"network activity events of kms.amazonaws.com through endpoint vpce-1"},
		nil,
	},
	{
		"denied network activity",
		advanced([]baseline.FieldSelector{eq("eventCategory", "NetworkActivity"), eq("eventSource", kms)}),
		advanced(
			[]baseline.FieldSelector{
				eq("eventCategory", "NetworkActivity"),
				eq("eventSource", kms),
				eq("errorCode", "VpceAccessDenied"),
			},
		),
		[]string{"network activity events of kms.amazonaws.com other than those with error VpceAccessDenied"},
		nil,
	},
}

// tooMany is how missing words a category that could not be compared in full.
const tooMany = " that could not be compared"

// missing words what a records and b does not.
func missing(a, b baseline.State) []string {
	w := newComparer(a, b)
	d := differenceOf(w, boxesOf(w, a), boxesOf(w, b))
	words := d.Phrases
	for _, category := range d.Undecided {
		words = append(words, category+tooMany)
	}
	return words
}

func TestMissing(t *testing.T) {
	for _, c := range comparisons {
		if diff := cmp.Diff(c.lost, missing(c.a, c.b)); diff != "" {
			t.Errorf("%s: lost (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.gained, missing(c.b, c.a)); diff != "" {
			t.Errorf("%s: gained (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestMissingIsBounded(t *testing.T) {
	hostile := strings.Repeat("evil\x00\n\u202e", 500)
	var many [][]baseline.FieldSelector
	var values []string
	for i := range 500 {
		many = append(
			many,
			data(
				fmt.Sprintf("AWS::%s::%d", hostile, i),
				ne("userIdentity.arn", hostile),
				starts(fmt.Sprint(hostile, i), hostile),
			),
		)
		values = append(values, fmt.Sprint(hostile, i))
	}
	for _, s := range []baseline.State{advanced(many...), advanced(many[0], data(object, ne("eventName", values...)))} {
		words := append(missing(s, baseline.State{}), Records(s))
		if len(words) < 2 || len(words) > 17 {
			t.Errorf("%d phrases", len(words))
		}
		for _, p := range words {
			if n := utf8.RuneCountInString(p); n > 4*(maxPhrase+3) || strings.ContainsAny(p, "\x00\n\u202e") {
				t.Errorf("phrase of %d runes: %q", n, p)
			}
		}
	}
}

// TestMissingOfManyValues has trails as large as CloudTrail takes, and of the usual form.
func TestMissingOfManyValues(t *testing.T) {
	var some, others []string
	for i := range 490 {
		some, others = append(some, fmt.Sprint("Get", i, "!")), append(others, fmt.Sprint("Put", i, "!"))
	}
	a, b := advanced(data(object, ne("eventName", some...))), advanced(data(object, ne("eventName", others...)))
	want := []string{"data events of AWS::S3::Object named Put0!, Put1!, Put10! or 487 more"}
	if diff := cmp.Diff(want, missing(a, b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMissingGivesUp has two trails that differ in a way that takes too long to work out: each of many selectors leaves
// out something in each of several fields, so that every pair leaves another piece.
func TestMissingGivesUp(t *testing.T) {
	var many [][]baseline.FieldSelector
	for i := range 40 {
		v := fmt.Sprint(i)
		many = append(
			many,
			data(object, ne("eventName", v), ne("eventType", v), ne("userIdentity.arn", v), ne("eventSource", v),
				starts("resources.ARN", v)),
		)
	}
	if got := missing(advanced(data(object)), advanced(many...)); !slices.Equal(got, []string{"data events" + tooMany}) {
		t.Errorf("%q", got)
	}
}

// TestEachCategoryHasABudgetOfItsOwn: what takes too long of one keeps neither those before it nor those after it from
// being decided.
func TestEachCategoryHasABudgetOfItsOwn(t *testing.T) {
	network := func(more ...baseline.FieldSelector) []baseline.FieldSelector {
		return append([]baseline.FieldSelector{eq("eventCategory", "NetworkActivity"), eq("eventSource", kms)}, more...)
	}
	hard := [][]baseline.FieldSelector{network(ne("vpcEndpointId", "vpce-1")), management(eq("readOnly", "true"))}
	for i := range 40 {
		v := fmt.Sprint(i)
		hard = append(
			hard,
			data(
				object,
				ne("eventName", v),
				ne("eventType", v),
				ne("userIdentity.arn", v),
				ne("eventSource", v),
				starts("resources.ARN", v),
			),
		)
	}
	want := []string{
		"write management events",
		"network activity events of kms.amazonaws.com through endpoint vpce-1",
		"data events" + tooMany,
	}
	if diff := cmp.Diff(want, missing(advanced(data(object), network(), management()), advanced(hard...))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecords(t *testing.T) {
	for _, c := range []struct {
		state baseline.State
		want  string
	}{
		{baseline.State{}, "all management events"},
		{all, "all management events"},
		{
			basic(
				baseline.Selector{ReadWrite: "ReadOnly", Management: true},
				baseline.Selector{ReadWrite: "WriteOnly", Management: true},
			),
			"all management events",
		},
		{basic(baseline.Selector{ReadWrite: "ReadOnly", Management: true}), "read management events"},
		{basic(baseline.Selector{}), "nothing"},
		{
			basic(
				baseline.Selector{
					Management: true, ExcludeSources: []string{kms}, DataResources: s3("arn:aws:s3:::a/", "arn:aws:s3:::b/"),
				},
			),
			"management events except kms.amazonaws.com; data events of AWS::S3::Object (2 ARNs)",
		},
		{
			advanced(data(object, ne("userIdentity.arn", mallory)), management(ne("eventSource", rdsdata, kms))),
			"management events except kms.amazonaws.com or rdsdata.amazonaws.com; data events of AWS::S3::Object except by " +
				"principal " + mallory,
		},
		{
			advanced(
				data(
					object,
					baseline.FieldSelector{Field: "resources.ARN", NotStartsWith: []string{"arn:aws:s3:::a/", "arn:aws:s3:::b/"}},
				),
			),
			"data events of AWS::S3::Object except 2 ARNs",
		},
		{advanced([]baseline.FieldSelector{starts("eventName", "Get")}), "events with names that start with Get"},
		{
			advanced(
				management(), data("A", ne("eventName", "a")), data("B", ne("eventName", "b")), data("C", ne("eventName", "c")),
				data("D", ne("eventName", "d")), data("E", ne("eventName", "e")),
			),
			"all management events; data events of A except named a; data events of B except named b; data events of C except " +
				"named c; and 2 more",
		},
	} {
		if got := Records(c.state); got != c.want {
			t.Errorf("Records(%+v):\n got %s\nwant %s", c.state, got, c.want)
		}
	}
}

func BenchmarkMissing(b *testing.B) {
	sources := []string{kms, rdsdata, "dynamodb.amazonaws.com"}
	buckets := []string{"arn:aws:s3:::a/", "arn:aws:s3:::b/", "arn:aws:s3:::c/logs"}
	plain := basic(baseline.Selector{
		ReadWrite:      "All",
		Management:     true,
		ExcludeSources: sources,
		DataResources:  s3(buckets...),
	})
	fine := advanced(management(ne("eventSource", sources...)), data(object, starts("resources.ARN", buckets...)))
	other := advanced(management(ne("eventSource", sources...)), data(object, starts("resources.ARN", buckets[:2]...)))
	var long []string
	for i := range 250 {
		long = append(long, fmt.Sprintf("arn:aws:s3:::bucket-%d/", i))
	}
	for _, c := range []struct {
		name string
		a, b baseline.State
	}{
		{"identical", plain, plain},
		{"equivalent", plain, fine},
		{"different", plain, other},
		{
			"250 buckets", basic(baseline.Selector{DataResources: s3(long...)}),
			advanced(data(object, starts("resources.ARN", long...))),
		},
		{
			"250 buckets less 1", basic(baseline.Selector{DataResources: s3(long...)}),
			advanced(data(object, starts("resources.ARN", long[1:]...))),
		},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				missing(c.a, c.b)
			}
		})
	}
}
