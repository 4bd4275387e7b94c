package backtest

// Thorough are the options of a run that decodes every record.
func Thorough(o Options) Options {
	o.thorough = true
	return o
}
