### 報告與網站的固定文字,繁體中文。來源是 en.ftl;缺少的訊息以英文顯示。

## 數字、列舉與範圍

points = { $value } 個百分點
decades = { $value } 個數量級
not-finite = 非有限值
quoted = 「{ $name }」
range = { $lower } 至 { $upper }
list-separator = 、
list-end = { $init }與{ $last }
clause-separator = ;
count-claim = { $count } 項主張
count-completed-trial = { $count } 次完成的試驗
count-core = { $count } 個核心
count-epoch = { $count } 個訓練週期
count-layer = { $count } 層
count-measurement = { $count } 項測量
count-pair = { $count } 對
count-planned-trial = { $count } 次預定的試驗
count-round = { $count } 輪
count-sample = { $count } 個樣本
count-seed = { $count } 個種子
count-thread = { $count } 個執行緒
count-variant = { $count } 個變體
