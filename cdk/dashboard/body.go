package dashboard

import "trailkeeper/lambda/config/metric"

// The body of a dashboard (CloudWatch API reference, "Dashboard Body Structure and Syntax"), as far as it is used.

type dashboardBody struct {
	Start          string   `json:"start"`
	PeriodOverride string   `json:"periodOverride"`
	Widgets        []widget `json:"widgets"`
}

type widget struct {
	Type       string     `json:"type"`
	X          int        `json:"x"`
	Y          int        `json:"y"`
	Width      int        `json:"width"`
	Height     int        `json:"height"`
	Properties properties `json:"properties"`
}

// properties are those of one type of widget.
type properties interface{ kind() string }

type textWidget struct {
	Markdown string `json:"markdown"`
}

type alarmWidget struct {
	Title  string   `json:"title"`
	Alarms []string `json:"alarms"` // at most 100 ARNs
	SortBy string   `json:"sortBy"`
}

type metricWidget struct {
	Title     string  `json:"title"`
	View      string  `json:"view"`
	Region    string  `json:"region"`
	Stat      string  `json:"stat,omitempty"`
	Period    int     `json:"period"`
	Stacked   bool    `json:"stacked"`
	Sparkline bool    `json:"sparkline,omitempty"`
	Metrics   [][]any `json:"metrics"`
	YAxis     *yAxis  `json:"yAxis,omitempty"`
}

type yAxis struct {
	Left axis `json:"left"`
}

type axis struct {
	Label     string `json:"label"`
	Min       int    `json:"min"`
	ShowUnits bool   `json:"showUnits"`
}

// lineOptions are the last element of a metric's array.
type lineOptions struct {
	Label string `json:"label"`
	Color string `json:"color"`
	Stat  string `json:"stat,omitempty"`
}

func (textWidget) kind() string   { return "text" }
func (alarmWidget) kind() string  { return "alarm" }
func (metricWidget) kind() string { return "metric" }

// shown says how a graph is drawn.
type shown struct {
	view, stat, unit   string // view is empty for lines over time
	period             int    // seconds
	stacked, sparkline bool
}

// perFiveMinutes is a graph of what is counted.
var perFiveMinutes = shown{stat: "Sum", period: fiveMinutes, unit: "in 5 minutes"}

func (p page) graph(title string, s shown, lines ...[]any) metricWidget {
	w := metricWidget{
		Title:     title,
		View:      "timeSeries",
		Region:    p.region,
		Stat:      s.stat,
		Period:    s.period,
		Stacked:   s.stacked,
		Sparkline: s.sparkline,
		Metrics:   lines,
	}
	if s.view != "" {
		w.View = s.view
	}
	if s.unit != "" {
		w.YAxis = &yAxis{axis{Label: s.unit}}
	}
	return w
}

// line is one of our own metrics, over all channels and reasons.
func (p page) line(name, label, colour string) []any {
	return p.lineOf(name, nil, lineOptions{Label: label, Color: colour})
}

// lineOf is one of our own metrics with a further dimension, if any.
func (p page) lineOf(name string, further []any, options lineOptions) []any {
	line := []any{metric.Namespace, name, metric.DimensionStack, p.Settings.StackName}
	return append(append(line, further...), options)
}

// gridWidth is the width of a dashboard, in its own units.
const gridWidth = 24

// grid places widgets in rows.
type grid struct {
	widgets []widget
	bottom  int
}

// row adds widgets side by side, of the same width.
func (g *grid) row(height int, all ...properties) {
	width := gridWidth / len(all)
	for i, p := range all {
		g.widgets = append(g.widgets, widget{
			Type:       p.kind(),
			X:          i * width,
			Y:          g.bottom,
			Width:      width,
			Height:     height,
			Properties: p,
		})
	}
	g.bottom += height
}

// alarmRows is the height of a widget in which so many alarms are seen without scrolling: about six in a row, a row
// about one unit high.
func alarmRows(alarms int) int { return 2 + (alarms+5)/6 }
