BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'eqcbatch','m001_ledger','2026-11-28 17:05:53.656941+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'eqcbatch','m002_unnamed','2026-11-28 17:05:53.658510+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'eqcbatch','m003_query_form','2026-11-28 17:05:53.660103+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'eqcbatch','m004_queue','2026-11-28 17:05:53.661369+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'eqcbatch','m005_revert','2026-11-28 17:05:53.666075+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'eqcbatch','m006_details','2026-11-28 17:05:53.672586+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'eqcbatch','m007_covered_rows','2026-11-28 17:05:53.674293+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'eqcbatch','m008_never_asked','2026-11-28 17:05:53.675185+00:00');
CREATE TABLE candidates (
    lookup_key TEXT NOT NULL REFERENCES names (lookup_key),
    rank INTEGER NOT NULL,
    company_id TEXT NOT NULL,
    official_name TEXT,
    type TEXT,
    score REAL,
    unite_code TEXT,
    registered_status TEXT,
    former_names TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (lookup_key, rank)
) WITHOUT ROWID;
INSERT INTO "candidates" VALUES('北京第1贸易有限公司',0,'5958771271','北京第1贸易有限公司','模糊匹配',89.0282,'91286384HFDU5780FW','存续','[]');
INSERT INTO "candidates" VALUES('北京第1贸易有限公司',1,'7382992017','北京第1贸易有限公司贵阳分公司','模糊匹配',66.9418,'911457169P8GJTJ7X2',NULL,'[]');
INSERT INTO "candidates" VALUES('北京第1贸易有限公司',2,'9150783185','北京诚光铭物业管理有限公司','模糊匹配',43.0237,'91372437JP7Y33C9F3','存续','["贵阳第1贸易有限公司", "北京第1贸易有限公司"]');
INSERT INTO "candidates" VALUES('深圳第0实业有限公司',0,'6317243014','深圳第0实业有限公司','模糊匹配',97.5641,'91387874U287MDQCBG','存续','[]');
INSERT INTO "candidates" VALUES('深圳第0实业有限公司',1,'2686861734','重庆第0实业有限公司','模糊匹配',85.0314,'911175661KBM4NFT2K','存续','[]');
INSERT INTO "candidates" VALUES('深圳第0实业有限公司',2,'7741518265','深圳第0物流有限公司','模糊匹配',70.3291,'9134033479GHM6JEJB',NULL,'[]');
INSERT INTO "candidates" VALUES('深圳第1实业有限公司',0,'1444446048','深圳第1实业有限工司','拼音',91.4088,'12407782JK6FEX70Y9','存续','[]');
INSERT INTO "candidates" VALUES('深圳第1实业有限公司',1,'447659393','福州第1实业有限公司','拼音',69.0283,'91178239PGB432DHKM','存续','[]');
INSERT INTO "candidates" VALUES('深圳第1实业有限公司',2,'9786619293','深圳第1实业第二有限公司','拼音',65.1146,'91481068EM5H50890Y','存续','[]');
INSERT INTO "candidates" VALUES('深圳第1实业有限公司',3,'2248049060','深圳第1物流有限公司','拼音',62.7154,'916589662FN8D691QN','在业','[]');
INSERT INTO "candidates" VALUES('深圳第2实业有限公司',0,'3280472874','深圳第2实业有限公司','模糊匹配',94.1581,'91379121GDD4G3RC0X','在业','[]');
INSERT INTO "candidates" VALUES('深圳第2实业有限公司',1,'3115212377','深圳第2实业有限公司宁波分公司','模糊匹配',72.5077,'915358894BHG67PN57','存续','[]');
INSERT INTO "candidates" VALUES('深圳第2实业有限公司',2,'4162102406','郑州第2实业有限公司','模糊匹配',60.1387,'91620736QHL6RMAW84','存续','[]');
INSERT INTO "candidates" VALUES('深圳第2实业有限公司',3,'8787109914','深圳第2实业二有限公司','模糊匹配',37.0887,'91598730AJ85D31ECQ','在业','[]');
INSERT INTO "candidates" VALUES('深圳第3实业有限公司',0,'830781297','深圳第3实业有限公司','全称精确匹配',74.6712,'91579966QGPHQ2MCGW','在业','[]');
INSERT INTO "candidates" VALUES('深圳第3实业有限公司',1,'8816523959','深圳第3实业有限公司贵阳分公司','模糊匹配',67.5887,'912907786K2QXBQYGQ','在业','[]');
INSERT INTO "candidates" VALUES('深圳第3实业有限公司',2,'5090228932','深圳第3环保有限公司','模糊匹配',59.4375,'914952228AQXDFA9NX','存续','[]');
INSERT INTO "candidates" VALUES('深圳第4实业有限公司',0,'5408814512','深圳第4实业有限公司','模糊匹配',61.1339,NULL,'存续','[]');
INSERT INTO "candidates" VALUES('深圳第4实业有限公司',1,'2576764573','深圳第4实业有限公司福州分公司','模糊匹配',51.9664,'912547452PMF8UFULG','存续','[]');
INSERT INTO "candidates" VALUES('深圳第5实业有限公司',0,'6398950700','深圳第5实业有限公司','模糊匹配',77.2993,NULL,'存续','[]');
INSERT INTO "candidates" VALUES('深圳第6实业有限公司',0,'8445747624','深圳第6实业有限工司','拼音',76.9797,'12194875XCBHARCY6X','在业','[]');
INSERT INTO "candidates" VALUES('深圳第8实业有限公司',0,'5925579447','深圳第8实业有限公思','拼音',83.0975,'12184275BK2EMQ0TEU','存续','[]');
INSERT INTO "candidates" VALUES('深圳第9实业有限公司',0,'3247091282','深圳第9实业有限公司','模糊匹配',89.7621,'9149263852WFYGBD5M','存续','[]');
INSERT INTO "candidates" VALUES('深圳第9实业有限公司',1,'1842397352','石家庄第9实业有限公司','模糊匹配',84.0795,'914127288LH7A363Q4','存续','[]');
CREATE TABLE companies (
    company_id TEXT NOT NULL PRIMARY KEY,
    official_name TEXT,
    unite_code TEXT,
    business_info TEXT,
    business_info_at TEXT,
    labels TEXT,
    labels_at TEXT,
    flushed_at TEXT
, weight REAL, confidence REAL CHECK (confidence BETWEEN 0 AND 1), former_names TEXT NOT NULL DEFAULT '[]', search_keyword TEXT, search_answer TEXT, business_info_attempts INTEGER NOT NULL DEFAULT 0, business_info_failed_in INTEGER REFERENCES sessions (id), labels_attempts INTEGER NOT NULL DEFAULT 0, labels_failed_in INTEGER REFERENCES sessions (id), flush_error TEXT) WITHOUT ROWID
;
INSERT INTO "companies" VALUES('3247091282','深圳第9实业有限公司','9149263852WFYGBD5M','{"businessInfodto": {"companyId": "3247091282", "companyName": "\u6df1\u5733\u7b2c9\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "creditCode": "9149263852WFYGBD5M", "registerCaptial": "100.00\u4e07\u5143", "registered_date": "2007-05-19", "registered_status": "\u5b58\u7eed", "legal_person_name": "\u5218\u8273", "company_former_name": null, "address": "\u5e7f\u4e1c\u7701\u6df1\u5733\u5e02\u4eba\u6c11\u8def982\u53f7", "industry_name": "\u4ea4\u901a\u8fd0\u8f93\u4e1a", "business_scope": "\u4e00\u822c\u9879\u76ee\uff1a\u6280\u672f\u670d\u52a1\u3001\u6280\u672f\u5f00\u53d1\u3001\u6280\u672f\u54a8\u8be2\u3002"}}','2024-11-28T17:05:58.121441+00:00','{"labels": [{"type": "\u884c\u4e1a\u5206\u7c7b", "labels": [{"companyId": "3247091282", "lv1Name": "\u4ea4\u901a\u8fd0\u8f93\u4e1a", "lv2Name": "\u5176\u4ed6", "lv3Name": null, "lv4Name": null}, {"companyId": null, "lv1Name": "\u4f01\u4e1a\u89c4\u6a21", "lv2Name": "\u4e2d\u578b", "lv3Name": null, "lv4Name": null}]}, {"type": "\u5730\u533a\u5206\u7c7b", "labels": [{"companyId": null, "lv1Name": "\u5730\u533a\u5206\u7c7b", "lv2Name": "\u4e2d\u56fd", "lv3Name": "\u5e7f\u4e1c\u7701", "lv4Name": "\u6df1\u5733"}, {"companyId": "3247091282", "lv1Name": "\u5e7f\u4e1c\u7701", "lv2Name": "\u5176\u4ed6", "lv3Name": null, "lv4Name": null}]}]}','2024-11-28T17:05:58.130228+00:00','2024-11-28T17:05:58.210915+00:00',3.0,1.0,'[]','深圳第9实业有限公司','{"list": [{"companyId": "3247091282", "companyFullName": "\u6df1\u5733\u7b2c9\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "unite_code": "9149263852WFYGBD5M", "type": "\u6a21\u7cca\u5339\u914d", "_score": 89.7621, "rank_score": 8.9762, "company_short_name": "\u6df1\u5733\u7b2c9", "company_former_name": null, "coname": "\u6df1\u5733\u7b2c9\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "company_en_name": "Company 3247091282 Co., Ltd.", "le_rep": "\u5218\u8273", "reg_cap": 100.0, "est_date": null, "province": "\u5e7f\u4e1c\u7701", "organization_code": "52WFYGBD-5", "is_normal": 1, "is_list": 0, "registered_status": "\u5b58\u7eed"}, {"companyId": "1842397352", "companyFullName": "\u77f3\u5bb6\u5e84\u7b2c9\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "unite_code": "914127288LH7A363Q4", "type": "\u6a21\u7cca\u5339\u914d", "_score": 84.0795, "rank_score": 8.4079, "company_short_name": "\u77f3\u5bb6\u5e84\u7b2c", "company_former_name": null, "coname": "\u77f3\u5bb6\u5e84\u7b2c9\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "name": "\u6797\u5a1f", "company_en_name": "Company 1842397352 Co., Ltd.", "le_rep": "\u6797\u5a1f", "reg_cap": 80000.0, "est_date": "2014-10-09", "province": "\u6cb3\u5317\u7701", "organization_code": "8LH7A363-Q", "is_normal": 1, "is_list": 0, "registeredStatus": "\u5b58\u7eed"}]}',0,NULL,0,NULL,NULL);
INSERT INTO "companies" VALUES('3280472874','深圳第2实业有限公司','91379121GDD4G3RC0X','{"businessInfodto": {"companyId": 3280472874, "company_name": "\u6df1\u5733\u7b2c2\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "uniteCode": "91379121GDD4G3RC0X", "registerCaptial": "100.00\u4e07\u5143", "registered_date": "1993-05-26", "registered_status": "\u5728\u4e1a", "legal_person_name": "\u7f57\u519b", "company_former_name": null, "address": "\u5e7f\u4e1c\u7701\u6df1\u5733\u5e02\u4eba\u6c11\u8def9\u53f7", "industry_name": "\u8f6f\u4ef6\u548c\u4fe1\u606f\u6280\u672f\u670d\u52a1\u4e1a", "business_scope": null}}','2024-11-28T17:05:58.138430+00:00','{"labels": [{"type": "\u884c\u4e1a\u5206\u7c7b", "labels": [{"companyId": 3280472874, "lv1Name": "\u8f6f\u4ef6\u548c\u4fe1\u606f\u6280\u672f\u670d\u52a1\u4e1a", "lv2Name": "\u5176\u4ed6", "lv3Name": null, "lv4Name": null}, {"companyId": null, "lv1Name": "\u4f01\u4e1a\u89c4\u6a21", "lv2Name": "\u4e2d\u578b", "lv3Name": null, "lv4Name": null}]}, {"type": "\u5730\u533a\u5206\u7c7b", "labels": [{"companyId": null, "lv1Name": "\u5730\u533a\u5206\u7c7b", "lv2Name": "\u4e2d\u56fd", "lv3Name": "\u5e7f\u4e1c\u7701", "lv4Name": "\u6df1\u5733"}, {"companyId": 3280472874, "lv1Name": "\u5e7f\u4e1c\u7701", "lv2Name": "\u5176\u4ed6", "lv3Name": null, "lv4Name": null}]}]}','2024-11-28T17:05:58.154061+00:00','2024-11-28T17:05:58.210915+00:00',3.0,1.0,'[]','深圳第2实业有限公司','{"list": [{"companyId": 3280472874, "companyFullName": "\u6df1\u5733\u7b2c2\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "unite_code": "91379121GDD4G3RC0X", "type": "\u6a21\u7cca\u5339\u914d", "_score": 94.1581, "rank_score": 9.4158, "company_former_name": null, "coname": "\u6df1\u5733\u7b2c2\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "name": "\u7f57\u519b", "company_en_name": "Company 3280472874 Co., Ltd.", "reg_cap": 100.0, "est_date": "1993-05-26", "province": null, "organization_code": "GDD4G3RC-0", "is_normal": 1, "is_list": 0, "registered_status": "\u5728\u4e1a"}, {"companyId": 3115212377, "companyFullName": "\u6df1\u5733\u7b2c2\u5b9e\u4e1a\u6709\u9650\u516c\u53f8\u5b81\u6ce2\u5206\u516c\u53f8", "unite_code": "915358894BHG67PN57", "type": "\u6a21\u7cca\u5339\u914d", "_score": 72.5077, "rank_score": 7.2508, "company_short_name": "\u6df1\u5733\u7b2c2", "company_former_name": null, "coname": "\u6df1\u5733\u7b2c2\u5b9e\u4e1a\u6709\u9650\u516c\u53f8\u5b81\u6ce2\u5206\u516c\u53f8", "company_en_name": "Company 3115212377 Co., Ltd.", "le_rep": "\u5f90\u82b3\u6770", "reg_cap": 80000.0, "est_date": "2016-10-17", "province": "\u5e7f\u4e1c\u7701", "organization_code": "4BHG67PN-5", "is_normal": null, "is_list": 0, "registeredStatus": "\u5b58\u7eed"}, {"companyId": "4162102406", "companyFullName": "\u90d1\u5dde\u7b2c2\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "unite_code": "91620736QHL6RMAW84", "type": "\u6a21\u7cca\u5339\u914d", "_score": 60.1387, "rank_score": 6.0139, "company_short_name": "\u90d1\u5dde\u7b2c2", "coname": "\u90d1\u5dde\u7b2c2\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "name": "\u674e\u654f", "company_en_name": "Company 4162102406 Co., Ltd.", "le_rep": "\u674e\u654f", "reg_cap": 3000.0, "est_date": "2014-06-24", "province": "\u6cb3\u5357\u7701", "organization_code": null, "is_normal": 1, "is_list": 0, "registeredStatus": "\u5b58\u7eed"}, {"companyId": 8787109914, "companyFullName": "\u6df1\u5733\u7b2c2\u5b9e\u4e1a\u4e8c\u6709\u9650\u516c\u53f8", "unite_code": "91598730AJ85D31ECQ", "type": "\u6a21\u7cca\u5339\u914d", "_score": 37.0887, "rank_score": 3.7089, "company_short_name": null, "company_former_name": null, "coname": "\u6df1\u5733\u7b2c2\u5b9e\u4e1a\u4e8c\u6709\u9650\u516c\u53f8", "name": "\u5f20\u8273\u5e73", "company_en_name": "Company 8787109914 Co., Ltd.", "le_rep": "\u5f20\u8273\u5e73", "reg_cap": 10000.0, "est_date": "1998-10-22", "province": "\u5e7f\u4e1c\u7701", "organization_code": "AJ85D31E-C", "is_normal": null, "is_list": 0, "registeredStatus": "\u5728\u4e1a"}]}',0,NULL,0,NULL,NULL);
INSERT INTO "companies" VALUES('5408814512','深圳第4实业有限公司',NULL,NULL,NULL,NULL,NULL,NULL,3.0,1.0,'[]',NULL,NULL,0,NULL,0,NULL,NULL);
INSERT INTO "companies" VALUES('6317243014','深圳第0实业有限公司','91387874U287MDQCBG','{"businessInfodto": {"companyId": 6317243014, "company_name": "\u6df1\u5733\u7b2c0\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "credit_code": "91387874U287MDQCBG", "registerCaptial": "500.00\u4e07\u5143", "registered_date": "1998-04-04", "registered_status": "\u5b58\u7eed", "legal_person_name": "\u674e\u52c7", "company_former_name": null, "address": "\u5e7f\u4e1c\u7701\u6df1\u5733\u5e02\u4eba\u6c11\u8def657\u53f7", "industry_name": "\u8f6f\u4ef6\u548c\u4fe1\u606f\u6280\u672f\u670d\u52a1\u4e1a", "business_scope": null}}','2024-11-28T17:05:58.100248+00:00','{"labels": [{"type": "\u884c\u4e1a\u5206\u7c7b", "labels": [{"companyId": 6317243014, "lv1Name": "\u4ea4\u901a\u8fd0\u8f93\u4e1a", "lv2Name": "\u5176\u4ed6", "lv3Name": null, "lv4Name": null}, {"companyId": null, "lv1Name": "\u4f01\u4e1a\u89c4\u6a21", "lv2Name": "\u4e2d\u578b", "lv3Name": null, "lv4Name": null}]}, {"type": "\u5730\u533a\u5206\u7c7b", "labels": [{"companyId": null, "lv1Name": "\u5730\u533a\u5206\u7c7b", "lv2Name": "\u4e2d\u56fd", "lv3Name": "\u5e7f\u4e1c\u7701", "lv4Name": "\u6df1\u5733"}, {"companyId": 6317243014, "lv1Name": "\u5e7f\u4e1c\u7701", "lv2Name": "\u5176\u4ed6", "lv3Name": null, "lv4Name": null}]}]}','2024-11-28T17:05:58.114207+00:00','2024-11-28T17:05:58.210915+00:00',5.0,1.0,'[]','深圳第0实业有限公司','{"list": [{"companyId": 6317243014, "companyFullName": "\u6df1\u5733\u7b2c0\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "unite_code": "91387874U287MDQCBG", "type": "\u6a21\u7cca\u5339\u914d", "_score": 97.5641, "rank_score": 9.7564, "company_short_name": "\u6df1\u5733\u7b2c0", "company_former_name": null, "coname": "\u6df1\u5733\u7b2c0\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "name": "\u674e\u52c7", "company_en_name": "Company 6317243014 Co., Ltd.", "le_rep": "\u674e\u52c7", "reg_cap": 500.0, "est_date": "1998-04-04", "province": "\u5e7f\u4e1c\u7701", "organization_code": "U287MDQC-B", "is_normal": 1, "is_list": 0, "registeredStatus": "\u5b58\u7eed"}, {"companyId": 2686861734, "companyFullName": "\u91cd\u5e86\u7b2c0\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "unite_code": "911175661KBM4NFT2K", "type": "\u6a21\u7cca\u5339\u914d", "_score": 85.0314, "rank_score": 8.5031, "company_short_name": "\u91cd\u5e86\u7b2c0", "company_former_name": null, "coname": "\u91cd\u5e86\u7b2c0\u5b9e\u4e1a\u6709\u9650\u516c\u53f8", "name": "\u674e\u6842", "company_en_name": "Company 2686861734 Co., Ltd.", "le_rep": "\u674e\u6842", "reg_cap": 1000.0, "est_date": "1987-01-07", "province": "\u91cd\u5e86\u5e02", "organization_code": "1KBM4NFT-2", "is_normal": 1, "is_list": 0, "registeredStatus": "\u5b58\u7eed"}, {"companyId": "7741518265", "companyFullName": "\u6df1\u5733\u7b2c0\u7269\u6d41\u6709\u9650\u516c\u53f8", "unite_code": "9134033479GHM6JEJB", "type": "\u6a21\u7cca\u5339\u914d", "_score": 70.3291, "rank_score": 7.0329, "company_short_name": "\u6df1\u5733\u7b2c0", "company_former_name": null, "coname": "\u6df1\u5733\u7b2c0\u7269\u6d41\u6709\u9650\u516c\u53f8", "name": "\u9a6c\u52c7", "company_en_name": "Company 7741518265 Co., Ltd.", "le_rep": "\u9a6c\u52c7", "reg_cap": 50.0, "est_date": "2009-03-14", "province": "\u5e7f\u4e1c\u7701", "organization_code": "79GHM6JE-J", "is_normal": 1, "is_list": 0}]}',0,NULL,0,NULL,NULL);
INSERT INTO "companies" VALUES('6398950700','深圳第5实业有限公司',NULL,NULL,NULL,NULL,NULL,NULL,3.0,1.0,'[]',NULL,NULL,0,NULL,0,NULL,NULL);
INSERT INTO "companies" VALUES('830781297','深圳第3实业有限公司','91579966QGPHQ2MCGW',NULL,NULL,NULL,NULL,NULL,3.0,1.0,'[]',NULL,NULL,0,NULL,0,NULL,NULL);
CREATE TABLE former_names (
    lookup_key TEXT NOT NULL PRIMARY KEY,
    company_id TEXT,
    confidence REAL CHECK (confidence BETWEEN 0 AND 1),
    flushed_company_id TEXT,
    flushed_confidence REAL,
    flush_error TEXT,
    CHECK ((company_id IS NULL) = (confidence IS NULL)),
    CHECK ((flushed_company_id IS NULL) = (flushed_confidence IS NULL))
) WITHOUT ROWID;
CREATE TABLE "names" (
    lookup_key TEXT NOT NULL PRIMARY KEY CHECK (lookup_key <> ''),
    query TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'cached', 'resolved', 'failed')),
    reason TEXT CHECK (reason IN ('not_found', 'timeout', 'server_error', 'network', 'bad_response', 'refused', 'invalid')),
    company_id TEXT,
    official_name TEXT,
    unite_code TEXT,
    match_type TEXT,
    confidence REAL CHECK (confidence BETWEEN 0 AND 1),
    verdict TEXT,
    held TEXT CHECK (held IN ('low_confidence', 'ambiguous', 'contradiction', 'reverted')),
    source TEXT,
    rows INTEGER NOT NULL DEFAULT 0 CHECK (rows >= 0),
    weight REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    not_before TEXT,
    decided_at TEXT,
    flushed_at TEXT,
    flushed_company_id TEXT,
    flushed_confidence REAL,
    flush_error TEXT, query_form TEXT NOT NULL DEFAULT '', flushed_session INTEGER REFERENCES sessions (id), index_before TEXT,
    CHECK ((state = 'failed') = (reason IS NOT NULL)),
    CHECK (state <> 'pending' OR (company_id IS NULL AND source IS NULL)),
    CHECK (state <> 'cached' OR source IS NOT NULL),
    CHECK (state <> 'resolved' OR (company_id IS NOT NULL AND confidence IS NOT NULL
                                   AND verdict IS NOT NULL AND source IS NOT NULL)),
    CHECK (held IS NULL OR state = 'resolved'),
    CHECK (flushed_at IS NULL OR (flushed_company_id IS NOT NULL AND flushed_confidence IS NOT NULL))
) WITHOUT ROWID;
INSERT INTO "names" VALUES('北京第0贸易有限公司','北京第0贸易有限公司','failed','server_error',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1.0,1,'2024-11-28T17:07:05.672496+00:00','2024-11-28T17:06:05.672548+00:00',NULL,NULL,NULL,NULL,'北京第0贸易有限公司',NULL,NULL);
INSERT INTO "names" VALUES('北京第1贸易有限公司','北京第1贸易有限公司','resolved',NULL,'5958771271','北京第1贸易有限公司','91286384HFDU5780FW','模糊匹配',1.0,'exact_name',NULL,'eqc',1,1.0,1,NULL,'2024-11-28T17:06:05.692567+00:00','2024-11-28T17:06:05.748205+00:00','5958771271',1.0,NULL,'北京第1贸易有限公司',3,'null');
INSERT INTO "names" VALUES('北京第2贸易有限公司','北京第2贸易有限公司','failed','not_found',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1.0,1,NULL,'2024-11-28T17:06:05.704726+00:00',NULL,NULL,NULL,NULL,'北京第2贸易有限公司',NULL,NULL);
INSERT INTO "names" VALUES('北京第3贸易有限公司','北京第3贸易有限公司','pending',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1.0,0,NULL,NULL,NULL,NULL,NULL,NULL,'北京第3贸易有限公司',NULL,NULL);
INSERT INTO "names" VALUES('北京第4贸易有限公司','北京第4贸易有限公司','pending',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1.0,0,NULL,NULL,NULL,NULL,NULL,NULL,'北京第4贸易有限公司',NULL,NULL);
INSERT INTO "names" VALUES('北京第5贸易有限公司','北京第5贸易有限公司','pending',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1.0,0,NULL,NULL,NULL,NULL,NULL,NULL,'北京第5贸易有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第0实业有限公司','深圳第0实业有限公司','resolved',NULL,'6317243014','深圳第0实业有限公司','91387874U287MDQCBG','模糊匹配',1.0,'exact_name','reverted','eqc',5,5.0,1,NULL,'2024-11-28T17:05:55.651972+00:00',NULL,NULL,NULL,NULL,'深圳第0实业有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第10实业有限公司','深圳第10实业有限公司','failed','not_found',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,3.0,1,NULL,'2024-11-28T17:05:55.664828+00:00',NULL,NULL,NULL,NULL,'深圳第10实业有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第11实业有限公司','深圳第11实业有限公司','failed','not_found',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,3.0,1,NULL,'2024-11-28T17:05:55.675906+00:00',NULL,NULL,NULL,NULL,'深圳第11实业有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第12实业有限公司','深圳第12实业有限公司','cached',NULL,'600000012',NULL,NULL,NULL,1.0,NULL,NULL,'index:customer_name',3,3.0,0,NULL,'2024-11-28T17:05:53.691051+00:00',NULL,NULL,NULL,NULL,'深圳第12实业有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第13实业有限公司','深圳第13实业有限公司','cached',NULL,'600000013',NULL,NULL,NULL,0.9,NULL,NULL,'index:customer_name',3,3.0,0,NULL,'2024-11-28T17:05:53.691051+00:00',NULL,NULL,NULL,NULL,'深圳第13实业有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第1实业有限公司','深圳第1实业有限公司','resolved',NULL,'1444446048','深圳第1实业有限工司','12407782JK6FEX70Y9','拼音',0.6,'contradiction:core','contradiction','eqc',3,3.0,1,NULL,'2024-11-28T17:05:55.694545+00:00',NULL,NULL,NULL,NULL,'深圳第1实业有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第2实业有限公司','深圳第2实业有限公司','resolved',NULL,'3280472874','深圳第2实业有限公司','91379121GDD4G3RC0X','模糊匹配',1.0,'exact_name',NULL,'eqc',3,3.0,1,NULL,'2024-11-28T17:05:57.993929+00:00','2024-11-28T17:05:58.187794+00:00','3280472874',1.0,NULL,'深圳第2实业有限公司',2,'null');
INSERT INTO "names" VALUES('深圳第3实业有限公司','深圳第3实业有限公司','resolved',NULL,'830781297','深圳第3实业有限公司','91579966QGPHQ2MCGW','全称精确匹配',1.0,'exact_name',NULL,'eqc',3,3.0,1,NULL,'2024-11-28T17:05:58.006368+00:00','2024-11-28T17:05:58.187794+00:00','830781297',1.0,NULL,'深圳第3实业有限公司',2,'null');
INSERT INTO "names" VALUES('深圳第4实业有限公司','深圳第4实业有限公司','resolved',NULL,'5408814512','深圳第4实业有限公司',NULL,'模糊匹配',1.0,'exact_name',NULL,'eqc',3,3.0,1,NULL,'2024-11-28T17:05:58.025306+00:00','2024-11-28T17:05:58.187794+00:00','5408814512',1.0,NULL,'深圳第4实业有限公司',2,'null');
INSERT INTO "names" VALUES('深圳第5实业有限公司','深圳第5实业有限公司','resolved',NULL,'6398950700','深圳第5实业有限公司',NULL,'模糊匹配',1.0,'exact_name',NULL,'eqc',3,3.0,1,NULL,'2024-11-28T17:05:58.043679+00:00','2024-11-28T17:05:58.187794+00:00','6398950700',1.0,NULL,'深圳第5实业有限公司',2,'null');
INSERT INTO "names" VALUES('深圳第6实业有限公司','深圳第6实业有限公司','resolved',NULL,'8445747624','深圳第6实业有限工司','12194875XCBHARCY6X','拼音',0.6,'contradiction:core','contradiction','eqc',3,3.0,1,NULL,'2024-11-28T17:05:58.056681+00:00',NULL,NULL,NULL,NULL,'深圳第6实业有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第7实业有限公司','深圳第7实业有限公司','failed','not_found',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,3,3.0,1,NULL,'2024-11-28T17:05:58.065833+00:00',NULL,NULL,NULL,NULL,'深圳第7实业有限公司',NULL,NULL);
INSERT INTO "names" VALUES('深圳第8实业有限公司','深圳第8实业有限公司','resolved',NULL,'5925579447','深圳第8实业有限公思','12184275BK2EMQ0TEU','拼音',1.0,'manual',NULL,'manual',3,3.0,1,NULL,'2024-11-28T17:06:02.671301+00:00','2024-11-28T17:06:05.748205+00:00','5925579447',1.0,NULL,'深圳第8实业有限公司',3,'null');
INSERT INTO "names" VALUES('深圳第9实业有限公司','深圳第9实业有限公司','resolved',NULL,'3247091282','深圳第9实业有限公司','9149263852WFYGBD5M','模糊匹配',1.0,'exact_name',NULL,'eqc',3,3.0,1,NULL,'2024-11-28T17:05:58.090530+00:00','2024-11-28T17:05:58.187794+00:00','3247091282',1.0,NULL,'深圳第9实业有限公司',2,'null');
CREATE TABLE occurrences (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    lookup_key TEXT NOT NULL REFERENCES names (lookup_key),
    raw TEXT NOT NULL,
    plan_code TEXT,
    known_id TEXT,
    rows INTEGER NOT NULL CHECK (rows > 0),
    weight REAL NOT NULL,
    company_id TEXT,
    source TEXT
);
INSERT INTO "occurrences" VALUES(1,'深圳第0实业有限公司','深圳第0实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第0实业有限公司','深圳第0实业有限公司','P1',NULL,2,2.0,'600000001','index:plan_code');
INSERT INTO "occurrences" VALUES(1,'深圳第10实业有限公司','深圳第10实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第11实业有限公司','深圳第11实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第12实业有限公司','深圳第12实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第13实业有限公司','深圳第13实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第1实业有限公司','深圳第1实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第2实业有限公司','深圳第2实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第3实业有限公司','深圳第3实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第4实业有限公司','深圳第4实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第5实业有限公司','深圳第5实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第6实业有限公司','深圳第6实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第7实业有限公司','深圳第7实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第8实业有限公司','深圳第8实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(1,'深圳第9实业有限公司','深圳第9实业有限公司',NULL,NULL,3,3.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(2,'北京第0贸易有限公司','北京第0贸易有限公司',NULL,NULL,1,1.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(2,'北京第1贸易有限公司','北京第1贸易有限公司',NULL,NULL,1,1.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(2,'北京第2贸易有限公司','北京第2贸易有限公司',NULL,NULL,1,1.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(2,'北京第3贸易有限公司','北京第3贸易有限公司',NULL,NULL,1,1.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(2,'北京第4贸易有限公司','北京第4贸易有限公司',NULL,NULL,1,1.0,NULL,NULL);
INSERT INTO "occurrences" VALUES(2,'北京第5贸易有限公司','北京第5贸易有限公司',NULL,NULL,1,1.0,NULL,NULL);
CREATE TABLE queued (
            queue TEXT NOT NULL,
            request_id INTEGER NOT NULL,
            raw TEXT NOT NULL,
            lookup_key TEXT NOT NULL,
            stamp TEXT,
            status TEXT CHECK (status IN ('pending', 'processing', 'done', 'failed')),
            company_id TEXT,
            error TEXT,
            next_stamp TEXT,
            noted_at TEXT NOT NULL,
            lost_at TEXT,
            due INTEGER NOT NULL CHECK (due IN (0, 1)),
            PRIMARY KEY (queue, request_id),
            CHECK ((stamp IS NULL) = (status IS NULL)),
            CHECK (stamp IS NOT NULL OR next_stamp IS NOT NULL)
        ) WITHOUT ROWID;
INSERT INTO "queued" VALUES('postgresql:///data/postgres:5432/postgres',1,'北京第0贸易有限公司','北京第0贸易有限公司','1795885563.976077','processing',NULL,NULL,NULL,'2024-11-28T17:06:03.977365+00:00',NULL,0);
INSERT INTO "queued" VALUES('postgresql:///data/postgres:5432/postgres',2,'北京第1贸易有限公司','北京第1贸易有限公司','1795885565.760815','done','5958771271',NULL,NULL,'2024-11-28T17:06:05.762224+00:00',NULL,0);
INSERT INTO "queued" VALUES('postgresql:///data/postgres:5432/postgres',3,'北京第2贸易有限公司','北京第2贸易有限公司','1795885565.760946','failed',NULL,'not_found',NULL,'2024-11-28T17:06:05.762224+00:00',NULL,0);
INSERT INTO "queued" VALUES('postgresql:///data/postgres:5432/postgres',4,'北京第3贸易有限公司','北京第3贸易有限公司','1795885563.976134','processing',NULL,NULL,NULL,'2024-11-28T17:06:03.977365+00:00',NULL,0);
INSERT INTO "queued" VALUES('postgresql:///data/postgres:5432/postgres',5,'北京第4贸易有限公司','北京第4贸易有限公司','1795885563.976140','processing',NULL,NULL,NULL,'2024-11-28T17:06:03.977365+00:00',NULL,0);
INSERT INTO "queued" VALUES('postgresql:///data/postgres:5432/postgres',6,'北京第5贸易有限公司','北京第5贸易有限公司','1795885563.976146','processing',NULL,NULL,NULL,'2024-11-28T17:06:03.977365+00:00',NULL,0);
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    lookup_key TEXT REFERENCES names (lookup_key),
    endpoint TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    elapsed_ms REAL,
    http_status INTEGER,
    outcome TEXT NOT NULL DEFAULT 'in_flight' CHECK (outcome IN ('in_flight', 'answered', 'not_found', 'auth', 'rate_limited', 'server_error', 'timeout', 'network', 'bad_response', 'refused', 'unknown')), company_id TEXT REFERENCES companies (company_id),
    CHECK ((outcome = 'in_flight') = (finished_at IS NULL))
);
INSERT INTO "requests" VALUES(1,1,'深圳第0实业有限公司','search',1,'2024-11-28T17:05:55.615919+00:00','2024-11-28T17:05:55.651621+00:00',17.3,200,'answered',NULL);
INSERT INTO "requests" VALUES(2,1,'深圳第10实业有限公司','search',1,'2024-11-28T17:05:55.656346+00:00','2024-11-28T17:05:55.664713+00:00',4.2,200,'not_found',NULL);
INSERT INTO "requests" VALUES(3,1,'深圳第11实业有限公司','search',1,'2024-11-28T17:05:55.667335+00:00','2024-11-28T17:05:55.675667+00:00',4.4,200,'not_found',NULL);
INSERT INTO "requests" VALUES(4,1,'深圳第1实业有限公司','search',1,'2024-11-28T17:05:55.678060+00:00','2024-11-28T17:05:55.694261+00:00',7.4,200,'answered',NULL);
INSERT INTO "requests" VALUES(5,2,'深圳第2实业有限公司','search',1,'2024-11-28T17:05:57.970370+00:00','2024-11-28T17:05:57.993528+00:00',8.8,200,'answered',NULL);
INSERT INTO "requests" VALUES(6,2,'深圳第3实业有限公司','search',1,'2024-11-28T17:05:57.996872+00:00','2024-11-28T17:05:58.006200+00:00',5.0,200,'answered',NULL);
INSERT INTO "requests" VALUES(7,2,'深圳第4实业有限公司','search',1,'2024-11-28T17:05:58.011363+00:00','2024-11-28T17:05:58.024473+00:00',5.9,200,'answered',NULL);
INSERT INTO "requests" VALUES(8,2,'深圳第5实业有限公司','search',1,'2024-11-28T17:05:58.027616+00:00','2024-11-28T17:05:58.043454+00:00',4.1,200,'answered',NULL);
INSERT INTO "requests" VALUES(9,2,'深圳第6实业有限公司','search',1,'2024-11-28T17:05:58.046214+00:00','2024-11-28T17:05:58.056462+00:00',5.5,200,'answered',NULL);
INSERT INTO "requests" VALUES(10,2,'深圳第7实业有限公司','search',1,'2024-11-28T17:05:58.059146+00:00','2024-11-28T17:05:58.065736+00:00',3.3,200,'not_found',NULL);
INSERT INTO "requests" VALUES(11,2,'深圳第8实业有限公司','search',1,'2024-11-28T17:05:58.068029+00:00','2024-11-28T17:05:58.075103+00:00',3.6,200,'answered',NULL);
INSERT INTO "requests" VALUES(12,2,'深圳第9实业有限公司','search',1,'2024-11-28T17:05:58.077560+00:00','2024-11-28T17:05:58.090381+00:00',8.5,200,'answered',NULL);
INSERT INTO "requests" VALUES(13,2,NULL,'findDepart',1,'2024-11-28T17:05:58.095179+00:00','2024-11-28T17:05:58.108270+00:00',2.9,200,'answered','6317243014');
INSERT INTO "requests" VALUES(14,2,NULL,'findLabels',1,'2024-11-28T17:05:58.110273+00:00','2024-11-28T17:05:58.115636+00:00',2.7,200,'answered','6317243014');
INSERT INTO "requests" VALUES(15,2,NULL,'findDepart',1,'2024-11-28T17:05:58.117707+00:00','2024-11-28T17:05:58.124310+00:00',2.4,200,'answered','3247091282');
INSERT INTO "requests" VALUES(16,2,NULL,'findLabels',1,'2024-11-28T17:05:58.126150+00:00','2024-11-28T17:05:58.131743+00:00',2.9,200,'answered','3247091282');
INSERT INTO "requests" VALUES(17,2,NULL,'findDepart',1,'2024-11-28T17:05:58.133612+00:00','2024-11-28T17:05:58.143773+00:00',3.3,200,'answered','3280472874');
INSERT INTO "requests" VALUES(18,2,NULL,'findLabels',1,'2024-11-28T17:05:58.148081+00:00','2024-11-28T17:05:58.156191+00:00',3.9,200,'answered','3280472874');
INSERT INTO "requests" VALUES(19,3,'北京第0贸易有限公司','search',1,'2024-11-28T17:06:05.660198+00:00','2024-11-28T17:06:05.672087+00:00',8.1,500,'server_error',NULL);
INSERT INTO "requests" VALUES(20,3,'北京第1贸易有限公司','search',1,'2024-11-28T17:06:05.676593+00:00','2024-11-28T17:06:05.692254+00:00',4.6,200,'answered',NULL);
INSERT INTO "requests" VALUES(21,3,'北京第2贸易有限公司','search',1,'2024-11-28T17:06:05.695801+00:00','2024-11-28T17:06:05.704535+00:00',4.2,200,'not_found',NULL);
INSERT INTO "requests" VALUES(22,4,'北京第3贸易有限公司','search',1,'2024-11-28T17:06:07.510255+00:00',NULL,NULL,NULL,'in_flight',NULL);
INSERT INTO "requests" VALUES(23,4,'北京第4贸易有限公司','search',1,'2024-11-28T17:06:07.513063+00:00',NULL,NULL,NULL,'in_flight',NULL);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),
    rows INTEGER NOT NULL,
    blank_rows INTEGER NOT NULL,
    blank_covered INTEGER NOT NULL DEFAULT 0,
    distinct_raw INTEGER NOT NULL,
    distinct_names INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    hit_rows INTEGER NOT NULL,
    planned_at TEXT NOT NULL,
    options TEXT NOT NULL
);
INSERT INTO "runs" VALUES(1,'/data/month.csv ["客户名称"]',1,53,9,4,14,14,2,8,'2024-11-28T17:05:53.691051+00:00','{"columns": ["客户名称"], "counted": false, "id_column": null, "name_rules": {}, "plan_code_column": "计划代码", "profile": null, "query": null, "sheet": null, "weight_column": null}');
INSERT INTO "runs" VALUES(2,'queue postgresql:///data/postgres:5432/postgres',1,6,0,0,6,6,0,0,'2024-11-28T17:06:03.995109+00:00','{"limit": null, "queue": true}');
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    budget INTEGER,
    requests INTEGER NOT NULL DEFAULT 0,
    replays INTEGER NOT NULL DEFAULT 0,
    waiting_s REAL NOT NULL DEFAULT 0,
    processing_s REAL NOT NULL DEFAULT 0,
    exit_reason TEXT,
    CHECK ((ended_at IS NULL) = (exit_reason IS NULL))
);
INSERT INTO "sessions" VALUES(1,'2024-11-28T17:05:55.598475+00:00','2024-11-28T17:05:55.745260+00:00',9294,'night',4,4,0,8.80699963090592e-06,2.69928960005927365273e-02,'budget');
INSERT INTO "sessions" VALUES(2,'2024-11-28T17:05:57.957759+00:00','2024-11-28T17:05:58.213942+00:00',9308,'night',14,14,0,5.66999960938119329512e-06,8.94801829999778419733e-02,'budget');
INSERT INTO "sessions" VALUES(3,'2024-11-28T17:06:05.651259+00:00','2024-11-28T17:06:05.768501+00:00',9418,'night',3,3,0,1.31150000015622936189e-05,2.35724509989267971832e-02,'budget');
INSERT INTO "sessions" VALUES(4,'2024-11-28T17:06:07.499675+00:00',NULL,9439,'night',NULL,2,0,0.0,0.0,NULL);
CREATE TABLE unnamed (
            run_id INTEGER NOT NULL REFERENCES runs (id),
            plan_code TEXT,
            known_id TEXT,
            rows INTEGER NOT NULL CHECK (rows > 0),
            weight REAL NOT NULL,
            company_id TEXT,
            source TEXT NOT NULL
        );
INSERT INTO "unnamed" VALUES(1,'P1',NULL,4,4.0,'600000001','index:plan_code');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE UNIQUE INDEX runs_current ON runs (source) WHERE current = 1;
CREATE INDEX requests_in_flight ON requests (id) WHERE outcome = 'in_flight';
CREATE INDEX requests_by_name ON requests (lookup_key);
CREATE INDEX requests_by_session ON requests (session_id);
CREATE INDEX unnamed_by_run ON unnamed (run_id);
CREATE INDEX queued_due ON queued (queue, request_id) WHERE due = 1;
CREATE INDEX queued_by_name ON queued (lookup_key);
CREATE TRIGGER queued_name_changed
           AFTER UPDATE OF state, reason, company_id, held, not_before, flushed_at, flush_error ON names
           BEGIN
               UPDATE queued SET due = 1 WHERE lookup_key = NEW.lookup_key AND lost_at IS NULL;
           END;
CREATE INDEX companies_to_ask ON companies (weight DESC, company_id) WHERE weight IS NOT NULL AND (business_info_at IS NULL AND business_info_attempts < 3
                                         OR labels_at IS NULL AND labels_attempts < 3);
CREATE INDEX companies_to_flush ON companies (company_id) WHERE flushed_at IS NULL AND (business_info_at IS NOT NULL OR labels_at IS NOT NULL);
CREATE INDEX candidates_by_company ON candidates (company_id);
CREATE INDEX former_names_to_flush ON former_names (lookup_key) WHERE company_id IS NOT NULL AND (company_id IS NOT flushed_company_id
                                                 OR confidence IS NOT flushed_confidence)
;
CREATE INDEX occurrences_by_name ON occurrences (lookup_key);
CREATE INDEX occurrences_by_run ON occurrences (run_id);
CREATE INDEX names_to_ask ON names (weight DESC, lookup_key) WHERE state = 'pending' AND rows > 0;
CREATE INDEX names_to_flush ON names (lookup_key)
    WHERE state = 'resolved' AND held IS NULL AND flushed_at IS NULL;
CREATE INDEX names_by_state ON names (state, reason, held, rows);
CREATE INDEX names_to_harvest ON names (query_form) WHERE state = 'pending' AND rows > 0;
CREATE INDEX names_to_take_back ON names (lookup_key)
           WHERE flushed_at IS NULL AND flushed_company_id IS NOT NULL;
CREATE INDEX names_by_company ON names (company_id) WHERE state = 'resolved' AND held IS NULL AND rows > 0;
CREATE INDEX occurrences_covered ON occurrences (lookup_key) WHERE source IS NOT NULL;
CREATE INDEX names_never_asked ON names (rows)
           WHERE state = 'cached' AND company_id IS NULL AND confidence IS NOT NULL;
COMMIT;
