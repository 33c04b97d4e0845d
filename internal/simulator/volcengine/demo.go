package volcengine

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// Keys are the credentials that the simulator accepts from the start.
func Keys() simulator.Keys {
	return simulator.KeyForm{
		Cloud: Name, Lasting: "AKLT-", Temporary: "AKTP-", SecondAccount: SecondAccountID,
		Describe: []string{"ecs:Describe*"},
	}.Keys()
}

// DemoFleet implements simulator.Wire.
func (w *Wire) DemoFleet() []simulator.Instance {
	return []simulator.Instance{
		{ID: "i-demoweb1", Name: "web-1", ElasticIP: "203.0.113.31", Tags: map[string]string{"role": "web"}},
		{ID: "i-demoweb2", Name: "web-2", Tags: map[string]string{"role": "web"}},
		{
			ID: "i-demobatch", Name: "batch", Status: stopped, StoppedMode: stopCharging,
			Tags: map[string]string{"role": "batch"},
		},
		{ID: "i-demoprepaid", Name: "database", ChargeType: prePaid, Tags: map[string]string{"role": "database"}},
		{ID: "i-demolocal", Name: "cache", Type: "ecs.i3s.large", LocalDisk: true, Tags: map[string]string{"role": "cache"}},
		{ID: "i-demospot", Name: "spot", Spot: true},
		{ID: "i-demometal", Name: "bare-metal", Type: "ecs.ebmhpcpni2l.32xlarge"},
		{ID: "i-demoscheduled", Name: "scheduled", Extra: map[string]string{extraScheduled: "Esi"}},
		{ID: "i-demorebuild", Name: "being-rebuilt", Status: "REBUILDING"},
		{ID: "i-demoerror", Name: "failed", Status: errorWord},
		{ID: "i-demoshanghai", Name: "shanghai", Region: "cn-shanghai"},
	}
}

// Environment implements simulator.Wire.
func (w *Wire) Environment(string) []string {
	key := Keys().Lasting
	return []string{
		"VOLCENGINE_ACCESS_KEY=" + key.AccessKeyID,
		"VOLCENGINE_SECRET_KEY=" + key.Secret,
		"VOLCENGINE_REGION=" + w.cloud.Regions()[0],
	}
}
