package backtest

import "encoding/json"

// object is a JSON object of the Amazon States Language.
type object = map[string]any

// substitutions are the names in the definition that CloudFormation fills in, and nothing else is: what a run is asked
// for, and what it finds, is data of the state machine. The number of machines stands in it as it is.
const (
	thePartition = "${Partition}"
	theFunction  = "${Function}"
	theResults   = "${Results}"
)

// The folders of the bucket of results: the function's, and Step Functions' for the results of maps, where each map run
// has a folder of its own.
const (
	runs       = "runs"
	mapResults = "maps"
)

// definition is the state machine: package lambda/internal/backtest/distributed says what its steps do. A key of the
// archive, which attackers choose, is never in its state.
func definition(concurrency int) (string, error) {
	states := object{
		"Plan": then(step("plan", object{"OutputPath": "$.Payload"}), "List"),
		"List": then(each("list", "List", "$.lists", concurrency, true), "Read"),
		"Read": then(each("read", "Read", "$.shards", concurrency, true), "Gather"),
		// It finds what even giving up has not reported.
		"Gather": then(step("gather", object{"ResultPath": nil}), "Merge"),
		"Merge":  then(each("merge", "Merge", "$.groups", concurrency, false), "Report"),
		"Report": end(step("report", object{"OutputPath": "$.Payload"})),
	}
	text, err := json.Marshal(object{
		"Comment": "Applies the watch's rules to an archive of log files", "StartAt": "Plan", "States": states,
	})
	return string(text), err //nolint:wrapcheck // it is all texts and numbers
}

func then(state object, next string) object {
	state["Next"] = next
	return state
}

func end(state object) object {
	state["End"] = true
	return state
}

// asked is what every step is told of the run.
func asked(more object) object {
	all := object{
		"run.$":     "$$.Execution.Name",
		"started.$": "$$.Execution.StartTime",
		"asked.$":   "$$.Execution.Input",
	}
	for name, value := range more {
		all[name] = value
	}
	return all
}

// stepTimeout is a little more than Lambda gives the function, in seconds.
const stepTimeout = Timeout + 60

// invoke runs the function.
func invoke(payload, more object) object {
	parameters := object{"FunctionName": theFunction}
	for name, value := range payload {
		parameters[name] = value
	}
	task := object{
		"Type":           "Task",
		"Resource":       "arn:" + thePartition + ":states:::lambda:invoke",
		"Parameters":     parameters,
		"TimeoutSeconds": stepTimeout,
		"Retry":          retries(),
	}
	for name, value := range more {
		task[name] = value
	}
	return task
}

// retries: Lambda is asked again up to 45 times where it has no room or fails itself (Step Functions Developer Guide,
// "Handle transient Lambda service exceptions"), and any other failure is tried twice again. What can never be carried
// out is not. Each wait is of random length below its delay (JitterStrategy FULL): those of Lambda take 40 minutes on
// average, 80 at most, and have no minimum.
func retries() []object {
	return []object{
		{"ErrorEquals": []string{"RequestError"}, "MaxAttempts": 0},
		{
			"ErrorEquals": []string{
				"Lambda.TooManyRequestsException", "Lambda.ServiceException", "Lambda.AWSLambdaException",
				"Lambda.SdkClientException", "Lambda.ClientExecutionTimeoutException",
			},
			"IntervalSeconds": 2,
			"BackoffRate":     2,
			"MaxDelaySeconds": 120,
			"MaxAttempts":     45,
			"JitterStrategy":  "FULL",
		},
		{
			"ErrorEquals":     []string{"States.ALL"},
			"IntervalSeconds": 10,
			"BackoffRate":     4,
			"MaxAttempts":     2,
			"JitterStrategy":  "FULL",
		},
	}
}

// step is a step that is carried out once.
func step(name string, more object) object {
	return invoke(object{"Payload": asked(object{"step": name})}, more)
}

// each carries a step out for each object of a folder in the bucket of results. What a tolerant one cannot do is given
// up, which reports it; other steps fail the run, which can be redriven from there. The results of the steps go to the
// bucket: together they are more than a state may hold.
func each(name, label, folder string, concurrency int, tolerant bool) object {
	work := func() object {
		return end(invoke(object{"Payload.$": "$"}, object{"ResultPath": nil, "OutputPath": "$.item"}))
	}
	states := object{"Work": work()}
	state := object{
		"Type":           "Map",
		"Label":          label,
		"MaxConcurrency": concurrency,
		"ItemReader": object{
			"Resource":   "arn:" + thePartition + ":states:::s3:listObjectsV2",
			"Parameters": object{"Bucket": theResults, "Prefix.$": folder},
		},
		"ItemSelector": asked(object{"step": name, "item.$": "$$.Map.Item.Value.Key"}),
		"ItemProcessor": object{
			"ProcessorConfig": object{"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
			"StartAt":         "Work",
			"States":          states,
		},
		"ResultWriter": object{
			"Resource":   "arn:" + thePartition + ":states:::s3:putObject",
			"Parameters": object{"Bucket": theResults, "Prefix": mapResults},
		},
		"ResultPath": nil,
	}
	if tolerant {
		states["Work"].(object)["Catch"] = []object{
			{"ErrorEquals": []string{"States.ALL"}, "ResultPath": "$.failed", "Next": "GiveUp"},
		}
		states["GiveUp"] = work()
		state["ToleratedFailurePercentage"] = json.Number("100.0") // as moto reads it, too
	}
	return state
}
