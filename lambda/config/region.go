package config

import "trailkeeper/events"

// PartitionOf returns the partition that a Region belongs to, such as "aws-cn" of cn-north-1, and false for a name of no known form.
func PartitionOf(region string) (string, bool) { return events.PartitionOf(region) }
