"""Links a scrape on Spark: spark-submit spark_link.py ADS IMAGES OUT CASE

One machine:  spark-submit --master 'local[*]' spark_link.py ads.jsonl images/ linked/ case.adlink
A cluster:    spark-submit --master spark://host:7077 spark_link.py hdfs:///ads.jsonl hdfs:///images hdfs:///linked case.adlink

The wheel of adlink is installed on every worker. The case lies on the driver's disk; `adlink desk` opens it.
"""

import sys

from pyspark.sql import SparkSession

from adlink.spark import link_ads

if len(sys.argv) != 5:
    sys.exit(__doc__)
ads, images, out, case = sys.argv[1:]
spark = SparkSession.builder.appName("adlink").getOrCreate()
found = link_ads(spark, ads, images, out, case=case)
print(f"{found.counts['images_taken']} images analysed by workers: {found.linked}")
spark.stop()
